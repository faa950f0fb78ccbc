"""News in, alert out: polls feeds, reads new articles, finds what is on the watchlists, tells people once a story.

One way through, no back and forth; beside each step the file that takes it::

    polling    due feed -> fetch -> parse -> new entries -> store           fetch, parse, identity, intake, schedule
    reading    page -> text -> match -> group -> decide -> store            extract, match, stories, alerting, conclude
    deliver    claim -> render -> send -> settle once it was accepted       store.outbox, render, channels, retry

Four rings; an import only ever points inward::

    words      model, errors
    thinking   urls, identity, intake, language, query, match, stories, schedule, alerting, retry, render   (pure)
    touching   guard, fetch, workers, config, parse, extract, store, channels          (one foreign library each)
    running    tasks, conclude, polling, reading, deliver, app, daemon, cli       (app picks the concrete classes)
"""

__version__ = "1.0.0"
