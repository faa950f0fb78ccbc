"""News in, alert out: polls feeds, reads new articles, finds what is on the watchlists, tells people once per story.

One way through, no back and forth (the file that holds each step is named as the step)::

    poll:     due feed -> fetch -> parse -> new entries -> read (page -> text) -> match -> group -> decide -> store
    deliver:  claim -> render -> send -> settle (recorded after the receiver accepted)

Four rings; an import only ever points inward::

    words      model, errors
    thinking   urls, identity, language, query, match, stories, schedule, alerting, render    pure
    touching   guard, fetch, workers, config, parse, extract, store, channels                 one foreign library each
    running    tasks, pipeline, app, daemon, web, cli                                         app picks concrete classes
"""

__version__ = "1.0.0"
