"""News in, alert out: polls feeds, reads new articles, finds what is on the watchlists, tells people once a story.

One way through, no back and forth; beside each step the file that takes it::

    polling    due feed -> fetch -> parse -> new entries -> store    gather, admit, answered, identity, intake, schedule
    reading    page -> text -> match -> group -> decide -> store     extract, match, stories, alerting, conclude
    push       a hub's push -> signed? -> parse -> entries -> store  websub, gather, admit
    deliver    claim -> render -> send -> settle once accepted       store.outbox, render, channels, retry

Four rings; an import only ever points inward::

    words      model, errors
    thinking   urls, identity, intake, edits, moves, norms, outage, sources, schedule, websub,      (pure)
               language, query, match, stories, alerting, retry, notices, facts, worries, render
    touching   guard, fetch, workers, together, config, parse, extract, store, channels  (one foreign library each)
    running    tasks, gather, admit, answered, known, conclude, compose, health, polling, push, reading, deliver,
               rounds, app, web, daemon, cli (app picks classes)
"""

__version__ = "1.2.0"
