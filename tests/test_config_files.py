# ruff: noqa: E501 - files and messages stand as users write and read them
"""Examples, schemas, packs and OPML: what is shipped fits the models, and lists of feeds survive both ways."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import jsonschema
import pytest
import yaml

from monitor.config import edit, load, read_opml, schema, write_opml
from monitor.errors import InputError
from monitor.model import Feed

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "monitor" / "config"
SHARED = ROOT.parent / "shared" / "data"
EXAMPLES = {"monitor.yaml": "monitor.json", "feeds.yaml": "feeds.json", "watchlists/arms.yaml": "watchlist.json"}


@pytest.mark.parametrize("name", schema.FILES)
def test_schemas_are_those_of_the_models(name: str) -> None:
    assert (PACKAGE / "schemas" / name).read_text(encoding="utf-8") == schema.text(name), (
        "python -m monitor.config.schema"
    )
    assert (ROOT / "config" / ".schemas" / name).read_text(encoding="utf-8") == schema.text(name)


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_example_and_the_starter_are_one(name: str) -> None:
    assert (ROOT / "config" / name).read_bytes() == (PACKAGE / "starter" / name).read_bytes()


@pytest.mark.parametrize(("name", "of"), EXAMPLES.items())
def test_examples_name_their_schema_and_fit_it(name: str, of: str) -> None:
    path = ROOT / "config" / name
    first, _, _ = path.read_text(encoding="utf-8").partition("\n")
    named = first.removeprefix("# yaml-language-server: $schema=")
    assert (path.parent / named).resolve() == (ROOT / "config" / ".schemas" / of).resolve()
    validator = jsonschema.Draft202012Validator(schema.schema(of))
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    validator.validate(data)
    with pytest.raises(jsonschema.ValidationError):
        validator.validate({**data, "unknwon": 1})


def test_what_the_example_has_commented_out_is_accepted(tmp_path: Path) -> None:
    import re

    for name in EXAMPLES:
        text = (ROOT / "config" / name).read_text(encoding="utf-8")
        text = re.sub(r"(?m)^( *)#( *(?:[a-z_]+:|- \{?[a-z]+:|\(Shahed)[^\n]*)$", r"\1\2", text)
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    main = yaml.safe_load((tmp_path / "monitor.yaml").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(schema.schema("monitor.json")).validate(main)
    assert set(main) == set(schema.FILES["monitor.json"].model_fields)
    config = load(str(tmp_path / "monitor.yaml"), secrets=False)
    assert {"desk", "boss", "siem", "phone", "newsroom"} < set(config.channels)
    assert len(config.watchlists[0].watches) == 4


def test_the_example_runs_as_it_is() -> None:
    config = load(str(ROOT / "config" / "monitor.yaml"))
    assert len(config.feeds) == 12
    assert [watch.name for watch in config.watchlists[0].watches] == ["drones", "Su-35"]
    assert [channel.type for channel in config.channels.values()] == ["console"]
    assert {"en", "fr", "de", "ru", "uk", "es", "ar", "fa", "zh"} <= {tag for feed in config.feeds for tag in feed.tags}
    assert not config.warnings
    assert not config.no_effect


def test_schema_describes_every_key() -> None:
    def described(properties: dict[str, dict[str, object]]) -> None:
        for key, inner in properties.items():
            assert "description" in inner or "$ref" in str(inner) or key == "type", key

    made = json.loads(schema.text("monitor.json"))
    described(made["properties"])
    for definition in made["$defs"].values():
        described(definition.get("properties", {}))


def test_packs_are_feeds() -> None:
    names = [name for name, _, _ in edit.packs()]
    assert len(names) >= 5
    for name, title, count in edit.packs():
        assert title
        assert len(edit.pack(name)) == count > 2
    with pytest.raises(InputError, match="did you mean 'france'"):
        edit.pack("frnace")


# ------------------------------------------------------------------------------------------------------- OPML


def essence(feeds: list[Feed]) -> list[tuple[str, ...]]:
    return sorted((one.url, one.name, str(sorted(one.tags)), str(one.every), one.read) for one in feeds)


def test_opml_there_and_back() -> None:
    feeds = [
        Feed("https://a.org/?x=1&y=2", name='Газета "Коммерсантъ"', tags=frozenset({"a, b", "c/d", "50 %"})),
        Feed("https://b.org/", tags=frozenset(), every=timedelta(minutes=90), read="page"),
        Feed("https://c.org/", name="C", tags=frozenset({"only"})),
    ]
    assert essence(read_opml(write_opml(feeds).encode())) == essence(feeds)


def test_nested_folders_are_tags_and_a_feed_in_two_has_both() -> None:
    body = b"""<?xml version="1.0" encoding="windows-1251"?><opml version="2.0"><body>
      <outline text="Europe"><outline title="\xcf\xf0\xe5\xf1\xf1\xe0" text="x">
        <outline text="A & B" type="rss" xmlUrl="https://a.org/f?x=1&y=2"/></outline></outline>
      <outline text="more"><outline text="A" XMLURL="https://a.org/f?x=1&amp;y=2" category="/World/News,Other"/></outline>
      <outline text="no feed" url="https://a.org"/></body></opml>"""
    (feed,) = read_opml(body)
    assert feed.url == "https://a.org/f?x=1&y=2"
    assert feed.name == "A & B"
    assert feed.tags == {"Europe", "Пресса", "more", "World", "News", "Other"}


@pytest.mark.skipif(not (SHARED / "opml").is_dir(), reason="needs the shared data")
def test_no_feed_of_real_exports_is_lost() -> None:
    import re

    for path in sorted((SHARED / "opml").glob("*.opml")):
        body = path.read_bytes()
        feeds = read_opml(body)
        wanted = {url.decode().replace("&amp;", "&") for url in re.findall(rb'xmlUrl="([^"]*)"', body)}
        assert {feed.url for feed in feeds} == wanted, path.name
        assert essence(read_opml(write_opml(feeds).encode())) == essence(feeds)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "utf-32", "utf-7", "cp037"])
def test_entities_are_refused_in_every_encoding(encoding: str) -> None:
    bomb = f"""<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE opml [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>
      <opml><body><outline text="&b;" xmlUrl="https://x.org"/></body></opml>"""
    with pytest.raises(InputError):
        read_opml(bomb.encode(encoding))


@pytest.mark.parametrize(
    "body", [b"", b"<html></html>", b"{}", b"<opml", b"\x00" * 100, b"<opml>" + b"<outline>" * 100_000]
)
def test_what_is_no_opml_is_one_error_or_no_feed(body: bytes) -> None:
    with contextlib.suppress(InputError):
        assert read_opml(body) == []


@pytest.mark.parametrize("encoding", ["punycode", "undefined", "idna", "hex", "unicode-escape", "nonsense"])
def test_opml_in_an_encoding_that_is_none_is_one_error(encoding: str) -> None:
    with pytest.raises(InputError, match="save it as UTF-8"):
        read_opml(f'<?xml version="1.0" encoding="{encoding}"?><opml/>'.encode() + b"\xff")


@pytest.mark.parametrize("piece", ["<!DOCTYPE ", ' a="x', ' a="', "<?xml ", "<!DOCTYPE [", '"> <', "a=\\n", "&amp"])
def test_broken_opml_takes_no_longer_than_it_is_long(piece: str) -> None:
    """A megabyte that took minutes, where each place was looked at from every other; the time-out is the test's."""
    for body in ("<opml" + piece * (1_000_000 // len(piece)), piece * (1_000_000 // len(piece))):
        with contextlib.suppress(InputError):
            assert read_opml(body.encode()) == []


def test_a_doctype_and_stray_quotes_are_mended() -> None:
    body = """<?xml version="1.0"?><!DOCTYPE opml [<!ELEMENT a (#PCDATA)>]><opml><body>
      <outline text="The "Daily" < News" title="x" xmlUrl="https://a.org/1"/></body></opml>"""
    assert [feed.name for feed in read_opml(body.encode())] == ["x"]


# ----------------------------------------------------------------------------------------------- edits of YAML


def test_added_feeds_leave_every_other_byte_as_it_was() -> None:
    before = "# mine\nfeeds:   # all\n- https://a.org/f   # first\n-   {url: 'https://b.org/f',   name: \"B\"}\n\n# the end\n"
    after = edit.with_feeds(before, [Feed("https://c.org/f", name="no", tags=frozenset({"a: b"}))])
    added = '- {url: "https://c.org/f", name: "no", tags: ["a: b"]}\n'
    assert added in after
    assert after.replace(added, "") == before


@pytest.mark.parametrize("before", ["", "# only a remark\n"])
def test_the_first_feed_of_an_empty_file(before: str) -> None:
    after = edit.with_feeds(before, [Feed("https://c.org/f")])
    assert after == before + "feeds:\n  - https://c.org/f\n"


@pytest.mark.parametrize(
    "before", ["feeds: []\n", "# mine\nfeeds: []   # none yet\n# the end\n", "feeds:\n", "feeds: []"]
)
def test_the_first_feed_of_an_empty_list(before: str, tmp_path: Path) -> None:
    after = edit.with_feeds(before, [Feed("https://c.org/f")])
    assert yaml.safe_load(after) == {"feeds": ["https://c.org/f"]}
    assert [line for line in before.split("\n") if "#" in line and "feeds" not in line] == [
        line for line in after.split("\n") if "#" in line and "feeds" not in line
    ]
    assert ("# none yet" in after) == ("# none yet" in before)


def test_a_module_rewrites_the_schemas() -> None:
    code = "import monitor.config.schema as s; assert s.FOLDER.is_dir()"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
