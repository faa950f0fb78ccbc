"""What readers are told, line by line, and how texts are cut."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.model import Alert, Elsewhere, Evidence, Hit, StoryArticle, SummaryReason, WatchRef
from monitor.render import Style, console, evidence, facts, mail, plain, slack, summaries, text
from tests.messages import NOW, alert, article, many, summary

PARIS = Style(ZoneInfo("Europe/Paris"))


def words(sentence: evidence.Sentence) -> str:
    return "".join(f"[{span.text}]" if span.is_marked else span.text for span in sentence)


# ------------------------------------------------------------------------------------------ the line of facts


def test_the_line_under_the_headline() -> None:
    line = "Monde & Cie · French · dated 25 Mar 2023, first seen 14:02 · full text"
    assert facts.about(alert(), PARIS) == line


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"published": None}, "undated, first seen 14:02"),
        ({"published": NOW - timedelta(minutes=4)}, "dated 13:58, first seen 14:02"),
        ({"published": NOW - timedelta(hours=15)}, "dated 21 Nov 2026, first seen 14:02"),
        ({"first_seen": NOW - timedelta(days=2)}, "dated 25 Mar 2023, first seen 20 Nov 2026 14:02"),
    ],
)
def test_dates(changes: dict[str, datetime | None], line: str) -> None:
    assert facts.dates(alert(article=article(**changes)), PARIS) == line


@pytest.mark.parametrize(
    ("matched_on", "note", "line"),
    [
        ("full article", "", "full text"),
        ("feed text", "", "the feed's text"),
        ("summary", "page refused", "summary only (page refused)"),
        ("summary", "page refused (403)", "summary only (page refused, 403)"),
        ("headline", "robots.txt", "headline only (robots.txt)"),
    ],
)
def test_how_it_was_read(matched_on: str, note: str, line: str) -> None:
    assert facts.how_read(alert(article=article(matched_on=matched_on, note=note)), PARIS) == line


def test_a_copy_names_its_original() -> None:
    original = StoryArticle("9", "https://nbc.example", "x", "NBC News", datetime(2022, 12, 9, 12, tzinfo=UTC))
    assert facts.how_read(alert(copy_of=original), PARIS) == "copy of NBC News, 9 Dec 2022"


def test_watches_and_push() -> None:
    assert facts.watch_line(alert()) == "Arms transfers: Su-35, $uav · A-7Q2K"
    assert facts.labels(alert()) == "Su-35, drones"
    two = (WatchRef("Su-35", "Arms"), WatchRef("Iran", "Nuclear"), WatchRef("Tu-95", "Arms"))
    assert facts.watch_names(alert(watches=two)) == "Arms: Su-35, Tu-95; Nuclear: Iran"
    title = alert().article.title
    assert plain.push(alert()) == f"Su-35, drones · {title} · Monde & Cie"


@pytest.mark.parametrize(
    ("reason", "line"),
    [
        ("new watch", "Follow-up to A-1: now also about Su-35, drones"),
        ("confirmed", "Follow-up to A-1: confirmed by Monde & Cie"),
        ("spreading", "Follow-up to A-1: spreading, 2 outlets"),
    ],
)
def test_a_follow_up_says_why(reason: str, line: str) -> None:
    assert facts.follow_up(alert(reason=reason, follows="A-1")) == line
    assert facts.follow_up(alert()) == ""


def test_outlets_are_named_once_and_the_article_itself_is_none_of_the_others() -> None:
    own = StoryArticle("1", alert().article.url, "t", "Google News")
    again = StoryArticle("3", "https://nbc.example/2", "t", "NBC News")
    made = alert(feed_name="Le Monde (Google News)", story_articles=(own, *alert().story_articles[1:], again))
    assert facts.outlets(made) == ("Le Monde (Google News)", "NBC News")
    assert facts.also_in(made) == "Also in NBC News"


def test_why_you_get_this_names_file_and_line() -> None:
    found = facts.because(alert().watches[0], alert())
    assert found == "Su-35 of Arms transfers (arms.yaml:8) found “Su-35”"


# ------------------------------------------------------------------------------------------------- evidence


def hits(*pieces: tuple[str, str]) -> Alert:
    found = tuple(
        Evidence(word, word, "text", n * 100, n * 100 + 5, snippet) for n, (word, snippet) in enumerate(pieces)
    )
    return alert(hits=(Hit("w", "l", found),))


def test_words_are_marked_as_whole_words_where_they_stand_so() -> None:
    assert words(evidence.mark("US and Russia, USA, US.", ["US"])) == "[US] and Russia, USA, [US]."
    assert words(evidence.mark("美国无人机袭击", ["无人机"])) == "美国[无人机]袭击"
    assert words(evidence.mark("a Su‑35 drone", ["Su‑35", "Su‑35 drone"])) == "a [Su‑35 drone]"
    assert words(evidence.mark("no such", ["word"])) == "no such"


def test_a_long_sentence_is_cut_around_its_first_word() -> None:
    cut = words(evidence.mark("before " * 200 + "Su-35 " + "after " * 200, ["Su-35"]))
    assert "[Su-35]" in cut
    assert cut.startswith("…before")
    assert cut.endswith("after…")
    assert len(cut) < 340


def test_sentences_show_as_many_terms_as_possible_in_reading_order() -> None:
    several = hits(("drone", "one drone."), ("drone", "two drone."), ("drone", "three drone."), ("Su-35", "a Su-35."))
    assert [words(one) for one in evidence.sentences(several, Style(sentences=2))] == [
        "one [drone].",
        "a [Su-35].",
    ]
    assert len(evidence.sentences(several, Style())) == 3
    assert evidence.sentences(several, Style(sentences=0)) == ()


def test_what_stands_only_in_the_headline_is_said_so() -> None:
    found = Evidence("Iran", "Téhéran", "title", 0, 7, "Moscou a envoyé à Téhéran")
    made = alert(hits=(Hit("Iran", "l", (found,)),))
    assert [words(one) for one in evidence.sentences(made, PARIS)] == ["In the headline: [Téhéran]"]
    assert "[Téhéran]" in words(evidence.marked_headline(made))


def test_a_watch_of_another_report_says_where_its_word_was_found() -> None:
    other = Elsewhere("Fruit", "l", "Le Monde", ("apples",))
    made = replace(hits(*((f"term{n}", f"sentence {n} with term{n}.") for n in range(5))), elsewhere=(other,))
    made = replace(made, watches=(*made.watches, WatchRef("Fruit", "l")), follows="A-1", reason="spreading")
    line = "Fruit: “apples” in another report, Le Monde"
    in_slack = [(block.get("text") or block["elements"][0])["text"] for block in slack.blocks(made, PARIS)]
    assert line in "\n".join(in_slack)
    assert len("\n".join(in_slack).split("\n")) == 8
    assert f"  {line}\n" in console.text(made, PARIS, is_colour=False)
    composed = mail.compose(made, mail_envelope(), PARIS)
    bodies = [composed.get_body((kind,)) for kind in ("plain", "html")]
    assert all(body is not None and line in " ".join(body.get_content().split()) for body in bodies)
    assert "Fruit of l was found in another report of the story, Le Monde" in facts.because(made.watches[-1], made)


def test_what_is_said_of_a_headline_is_no_quotation() -> None:
    found = Evidence("Iran", "Téhéran", "title", 0, 7, "Moscou a envoyé à Téhéran")
    made = alert(hits=(Hit("Iran", "l", (found,)),))
    for said in (console.text(made, PARIS, is_colour=False), plain.title_and_body(made, PARIS)[1]):
        assert "In the headline: Téhéran\n" in said
        assert "“" not in said


def test_two_watches_in_one_sentence_are_both_marked_once() -> None:
    both = hits(("drone", "a drone and a Su-35."), ("Su-35", "a drone and a Su-35."))
    assert [words(one) for one in evidence.sentences(both, PARIS)] == ["a [drone] and a [Su-35]."]


# ------------------------------------------------------------------------------------------------ summaries


def test_a_digest_is_urgent_first_then_by_outlets_then_newest() -> None:
    wide = replace(many(1)[0], id="A-W", story_id="wide", story_articles=tuple(
        StoryArticle(str(n), None, "t", f"outlet {n}") for n in range(5)
    ))  # fmt: skip
    shown = summaries.layout(summary(0, alerts=(*many(12)[1:], wide)))
    assert [one.id for one in shown.urgent] == ["A-0004", "A-0009"]
    assert [one.id for one in shown.others][:3] == ["A-W", "A-0001", "A-0002"]
    assert len(shown.in_full) == 8
    assert len(shown.lines) == 4


@pytest.mark.parametrize("reason", ["digest", "first look", "quiet hours", "over limit", "catch-up"])
def test_every_summary_has_the_urgent_first_in_its_subject_too(reason: SummaryReason) -> None:
    message = summary(12, reason=reason)
    shown = summaries.layout(message)
    assert [alert.id for alert in shown.urgent] == ["A-0004", "A-0009"]
    assert "Story number 4 " in summaries.title(message, Style())
    assert [alert.priority for alert in summaries.ordered(message)] == ["urgent"] * 2 + ["normal"] * 10


def test_what_was_over_a_limit_keeps_the_order_that_lets_every_watch_be_heard() -> None:
    message = summary(0, reason="over limit", alerts=tuple(reversed(many(4))))
    assert [alert.id for alert in summaries.ordered(message)] == ["A-0003", "A-0002", "A-0001", "A-0000"]


def test_a_story_is_told_once_in_a_summary() -> None:
    first = alert()
    again = alert(id="A-2", created=NOW + timedelta(hours=1), follows="A-7Q2K")
    assert [one.id for one in summaries.ordered(summary(0, alerts=(first, again)))] == ["A-2"]


def test_titles_of_summaries() -> None:
    assert summaries.title(summary(9), PARIS).startswith("News digest, Sun 22 Nov 2026: 9 stories · Story number 4")
    assert summaries.title(summary(0), PARIS) == "News digest, Sun 22 Nov 2026: no stories"
    first = summary(3, reason="first look", stories=9)
    assert summaries.heading(first, PARIS) == "First look, Sun 22 Nov 2026: 9 stories"
    assert summaries.heading(summary(1, title="Arms"), PARIS) == "Arms, Sun 22 Nov 2026: 1 story"


def test_the_date_is_the_readers() -> None:
    late = summary(0, created=datetime(2026, 11, 22, 23, 30, tzinfo=UTC))
    assert "Mon 23 Nov 2026" in summaries.heading(late, PARIS)


def test_late_copies_stand_last_a_line_each_and_are_counted_apart() -> None:
    copy = alert(id="A-COPY", story_id="S-9", follows="A-0001", priority="urgent", feed_name="Le Monde")
    made = summary(0, alerts=(copy, *many(2)))
    assert summaries.heading(made, Style()).endswith(": 2 stories, 1 late copy")
    shown = summaries.layout(made)
    assert [one.id for one in shown.in_full] == ["A-0000", "A-0001"]
    assert [one.id for one in shown.lines] == ["A-COPY"]
    assert summaries.one_line(copy)[1] == "late copy of A-0001 in Le Monde and 2 more · Su-35, drones · A-COPY"
    assert summaries.heading(summary(0, alerts=(copy,)), Style()).endswith(": no stories, 1 late copy")
    assert summaries.layout(summary(0, alerts=(copy,))).in_full == ()


def test_an_empty_digest_still_ends_with_the_proof_of_life() -> None:
    lines = summary(0).lines
    body = mail.text(summary(0), mail_envelope(), PARIS)
    assert lines[-1] in body
    assert lines[-1] in console.text(summary(0), PARIS, is_colour=False)
    assert lines[-1] in slack.payload(summary(0), PARIS)["blocks"][-1]["elements"][0]["text"]


def test_a_terminal_gets_filled_lines_and_a_file_whole_ones() -> None:
    made = hits(("Su-35", "before " * 20 + "Su-35 " + "after " * 20))
    narrow = console.text(made, PARIS, is_colour=True, width=60)
    bare = re.sub(r"\x1b\[[0-9;]*m", "", narrow)
    assert max(map(len, bare.split("\n"))) <= 60
    assert "\x1b[1;33mSu-35\x1b[0m" in narrow
    whole = console.text(made, PARIS, is_colour=False)
    assert " ".join(bare.split()) == " ".join(whole.split())
    assert "before Su-35 after" in whole


def test_an_alert_in_slack_has_at_most_eight_lines() -> None:
    full = hits(*((f"term{n}", f"sentence {n} with term{n}.") for n in range(5)))
    full = replace(full, follows="A-1", reason="spreading", priority="urgent")
    texts = [(block.get("text") or block["elements"][0])["text"] for block in slack.blocks(full, PARIS)]
    assert len("\n".join(texts).split("\n")) == 8


def test_a_large_digest_is_not_cut_by_mail_clients() -> None:
    made = mail.compose(summary(500), mail_envelope(), PARIS)
    html = made.get_body(("html",))
    assert html is not None
    assert len(html.get_content().encode()) < 100_000
    assert "392 more" in html.get_content()


def mail_envelope() -> mail.Envelope:
    from email.headerregistry import Address

    return mail.Envelope(Address(addr_spec="m@example.org"), Address(addr_spec="b@example.org"), "d-1", NOW, "boss")


def test_mail_says_why_and_carries_the_sentence_as_its_preview() -> None:
    page = mail.page(alert(), mail_envelope(), PARIS)
    assert page.preheader.startswith("L'Iran a fourni des drones")
    assert page.foot.why[0] == "You get this because Su-35 of Arms transfers (arms.yaml:8) found “Su-35”."
    assert not page.foot.commands
    able = replace(PARIS, commands=frozenset({"explain"}))
    assert mail.page(alert(), mail_envelope(), able).foot.commands[0][0] == "monitor explain A-7Q2K"
    assert mail.subject(alert(), PARIS).endswith(" · Monde & Cie · Su-35, drones")


@pytest.mark.parametrize(
    ("name", "slug"), [("Arms transfers", "arms-transfers"), ("Überwachung", "berwachung-"), ("Дроны", "")]
)
def test_lists_have_ids_that_rules_can_use(name: str, slug: str) -> None:
    made = mail.plain_mail(alert(watches=(WatchRef("w", name),)), mail_envelope(), PARIS)
    found = str(made["List-Id"])
    assert f"<{slug}" in found
    assert found.endswith(".example.org>")
    assert found.isascii()


# -------------------------------------------------------------------------------------------------- cutting


@given(st.text(max_size=300), st.integers(1, 60))
def test_what_is_shortened_fits_and_is_a_beginning(whole: str, limit: int) -> None:
    cut = text.shorten(whole, limit)
    assert len(cut) <= limit
    assert cut == whole or (cut.endswith("…") and whole.startswith(cut[:-1]))


@given(st.text(max_size=200))
def test_plain_text_is_one_line_without_controls_and_settled(whole: str) -> None:
    once = text.plain(whole)
    assert not any(unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") for char in once)
    assert once == once.strip()


@given(st.text(alphabet="a&<>🇫🇷👍🏽e\u0301\u200d", max_size=300), st.integers(5, 80))
def test_escaped_texts_never_end_within_an_entity(whole: str, limit: int) -> None:
    cut = slack.shorten_escaped(whole, limit)
    assert len(cut.encode("utf-16-le")) // 2 <= limit
    assert "&" not in cut.replace("&amp;", "").replace("&lt;", "").replace("&gt;", "")


def test_characters_are_not_split() -> None:
    family, flag = "👨‍👩‍👧‍👦", "🇫🇷"
    assert text.shorten(family * 3, len(family) + 4) == family + "…"
    assert text.shorten(flag * 5, 6) == flag * 2 + "…"
    assert text.shorten("e\u0301" * 10, 6) == "e\u0301e\u0301…"


@given(st.text(max_size=80))
def test_links_are_http_or_none(tail: str) -> None:
    for start in ("", "javascript:", "http://example.org/", "https://example.org?q=", "//", "data:"):
        link = text.web_link(start + tail)
        assert link is None or (link.startswith(("http://", "https://")) and link.isascii())
        assert link is None or not set(link) & set("|<>\"' \n`\\^{}") - {"'"}


@pytest.mark.parametrize(
    ("url", "link"),
    [
        ("https://u:p@ex.org:80/a|b>c", "https://ex.org:80/a%7Cb%3Ec"),
        ("https://пример.рф/дрон", "https://xn--e1afmkfd.xn--p1ai/%D0%B4%D1%80%D0%BE%D0%BD"),
        ("HTTPS://EXAMPLE.org/%7Ea?x=1&y=2#f", "https://example.org/%7Ea?x=1&y=2#f"),
        ("http://a b/c", None),
        ("ftp://example.org", None),
        ("https://" + "a" * 3000, None),
        (None, None),
    ],
)
def test_links(url: str | None, link: str | None) -> None:
    assert text.web_link(url) == link
