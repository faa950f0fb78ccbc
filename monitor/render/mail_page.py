"""The look of a mail: one template, one style sheet, both for light and dark, wide and narrow.

It must not hold a message's words: everything that comes in is escaped by the template.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

from monitor.render.text import is_rtl

# Clients that cut out <style> (some of Gmail's) keep what css-inline copies onto the elements; those that
# honour it get dark mode and the phone's widths. No image, no font, no script, nothing remote.
_STYLE = """
body { margin: 0; padding: 0; background: #f1f3f5; color: #1c1e21;
  font-family: -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, "Noto Sans", sans-serif;
  font-size: 16px; line-height: 1.5; -webkit-text-size-adjust: 100%; }
.preheader { display: none; max-height: 0; overflow: hidden; opacity: 0;
  font-size: 1px; line-height: 1px; }
.page { max-width: 640px; margin: 0 auto; padding: 24px 16px; }
.card { background: #ffffff; border: 1px solid #dfe3e8; border-radius: 10px; padding: 24px 28px; }
.top { color: #626a73; font-size: 13px; margin: 0 0 10px 0; }
.title { font-size: 22px; line-height: 1.3; font-weight: 700; margin: 0 0 8px 0; color: #1c1e21; }
.section { font-size: 13px; font-weight: 700; letter-spacing: .04em; text-transform: uppercase;
  color: #626a73; margin: 28px 0 0 0; }
.urgent { color: #b3261e; font-weight: 700; }
.story { padding: 18px 0; border-bottom: 1px solid #e6e9ed; }
.headline { font-size: 23px; line-height: 1.28; font-weight: 700; margin: 0 0 8px 0;
  overflow-wrap: anywhere; }
.story .headline { font-size: 18px; margin: 0 0 4px 0; }
a { color: #0b4fb3; text-decoration: none; overflow-wrap: anywhere; }
.headline a { color: #12326b; }
.meta { color: #626a73; font-size: 14px; margin: 0 0 4px 0; }
.again { font-size: 14px; font-weight: 700; margin: 0 0 4px 0; }
.quote { margin: 14px 0 0 0; padding: 2px 0 2px 14px; border-left: 3px solid #d5dae0; color: #2b2f34;
  overflow-wrap: anywhere; }
.rtl { padding: 2px 14px 2px 0; border-left: 0; border-right: 3px solid #d5dae0; }
.story .quote { margin: 8px 0 0 0; font-size: 15px; }
mark { background: #ffe69c; color: #1c1e21; border-radius: 3px; padding: 0 2px; font-weight: 600; }
.watches { font-size: 14px; color: #626a73; margin: 14px 0 0 0; }
.story .watches { margin: 8px 0 0 0; font-size: 13px; }
.line { margin: 0; padding: 9px 0; border-bottom: 1px solid #e6e9ed; font-size: 15px; line-height: 1.4; }
.small { color: #626a73; font-size: 13px; }
.intro { margin: 0 0 8px 0; }
.counts { margin: 22px 0 0 0; color: #4b525a; font-size: 14px; }
.counts p { margin: 0 0 4px 0; }
.foot { padding: 16px 28px 0 28px; color: #626a73; font-size: 12.5px; line-height: 1.5;
  overflow-wrap: anywhere; }
.foot p { margin: 0 0 4px 0; }
.gap { padding-top: 8px; }
code { font-family: ui-monospace, Menlo, Consolas, monospace; font-size: 12px; }
@media (max-width: 520px) {
  .page { padding: 0 !important; }
  .card { border-radius: 0 !important; border-left: 0 !important; border-right: 0 !important;
    padding: 18px 16px !important; }
  .foot { padding: 14px 16px 24px 16px !important; }
  .headline { font-size: 20px !important; }
  .story .headline { font-size: 17px !important; }
}
@media (prefers-color-scheme: dark) {
  body { background: #121416 !important; color: #e6e8eb !important; }
  .card { background: #1c1f23 !important; border-color: #30353b !important; }
  .title, .again { color: #f0f2f4 !important; }
  a { color: #8fb8ff !important; }
  .headline a { color: #a9c7ff !important; }
  .quote { color: #d6dade !important; border-color: #434a52 !important; }
  .meta, .watches, .small, .top, .foot, .section { color: #9aa3ad !important; }
  .counts { color: #b6bec7 !important; }
  .story, .line { border-color: #30353b !important; }
  mark { background: #6b5200 !important; color: #fff0c2 !important; }
  .urgent { color: #ff8a80 !important; }
}
"""

_TEMPLATE = """
{%- macro marked(spans) -%}
{%- for span in spans -%}{%- if span.is_marked %}<mark>{{ span.text }}</mark>{% else %}{{ span.text }}{%
endif -%}
{%- endfor -%}
{%- endmacro -%}
{%- macro direction(story) -%}{% if is_rtl(story.headline) %} dir="rtl"{% endif %}{%- endmacro -%}
{%- macro headline(story) -%}
{%- if story.link %}<a href="{{ story.link }}">{{ marked(story.headline) }}</a>
{%- else %}{{ marked(story.headline) }}{% endif -%}
{%- endmacro -%}
{%- macro body(story) -%}
{% if story.again %}<p class="again">{{ story.again }}</p>{% endif %}
<p class="meta">{{ story.about }}</p>
{% for spans in story.sentences %}
{% if is_rtl(spans) %}<p class="quote rtl" dir="rtl">{% else %}<p class="quote">{% endif %}
{{ marked(spans) }}</p>
{% endfor %}
{% if story.elsewhere %}<p class="watches">{{ story.elsewhere }}</p>{% endif %}
{% if story.also %}<p class="watches">{{ story.also }}</p>{% endif %}
<p class="watches">{% if story.is_urgent %}<span class="urgent">Urgent</span> · {% endif %}
{{ story.watches }}</p>
{%- endmacro -%}
<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>{{ page.title }}</title><style>{{ style }}</style></head>
<body><div class="preheader">{{ page.preheader }}{{ filler }}</div>
<div class="page"><div class="card">
{% if page.single %}
<h1 class="headline"{{ direction(page.single) }}>{{ headline(page.single) }}</h1>{{ body(page.single) }}
{% else %}
<h1 class="title">{{ page.title }}</h1>
{% for line in page.intro %}<p class="intro">{{ line }}</p>{% endfor %}
{% for name, stories in page.groups %}
{% if name %}<p class="section">{{ name }}</p>{% endif %}
{% for story in stories %}<div class="story">
<h2 class="headline"{{ direction(story) }}>{{ headline(story) }}</h2>{{ body(story) }}</div>{% endfor %}
{% endfor %}
{% if page.lines %}<p class="section">Also found</p>
{% for link, first, rest in page.lines %}<p class="line">
{%- if link %}<a href="{{ link }}">{{ first }}</a>{% else %}{{ first }}{% endif %}<br>
<span class="small">{{ rest }}</span></p>
{% endfor %}{% endif %}
{% if page.left_out %}<p class="line">{{ page.left_out }}</p>{% endif %}
{% if page.counts %}<div class="counts">{% for line in page.counts %}<p>{{ line }}</p>{% endfor %}</div>
{% endif %}
{% endif %}
</div><div class="foot">
{% for line in page.foot.why %}<p>{{ line }}</p>{% endfor %}
{% for command, meaning in page.foot.commands %}
<p{% if loop.first %} class="gap"{% endif %}><code>{{ command }}</code> {{ meaning }}</p>{% endfor %}
<p class="gap">{{ page.foot.sent }}</p></div></div></body></html>
"""

#: Keeps a preview from running on into the mail's first lines: joiners and spaces that take no room.
FILLER = "\u034f \u200c " * 60


def draw(page: Any) -> str:
    """The whole HTML document of `page` (see `mail.Page`), styles inlined. Pure: no file, no network."""
    template, inliner = _tools()
    html: str = inliner.inline(template.render(page=page, style=_markup(_STYLE), filler=FILLER))
    return html


@cache
def _tools() -> tuple[Any, Any]:
    import css_inline
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.globals["is_rtl"] = _is_rtl
    inliner = css_inline.CSSInliner(
        load_remote_stylesheets=False, keep_style_tags=False, keep_at_rules=True, minify_css=True
    )
    return environment.from_string(_TEMPLATE), inliner


def _is_rtl(spans: Iterable[Any]) -> bool:
    return is_rtl("".join(span.text for span in spans))


def _markup(text: str) -> Any:
    from markupsafe import Markup

    return Markup(text)  # noqa: S704  the style sheet above, nothing else
