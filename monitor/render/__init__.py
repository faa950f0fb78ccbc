"""Messages to what a receiver gets: one file a receiver, all of them pure functions of a message and a
`Style`.

It must not send anything, read a clock or know a channel's settings; what a feed wrote is untrusted in
every one of them.

    webhook.body(message) -> bytes                     slack.payload(message, style) -> dict
    mail.compose(message, envelope, style) -> EmailMessage   console.text(message, style, is_colour=…) -> str
    plain.title_and_body(message, style) -> (str, str)       atom.feed(alerts, …) -> bytes
"""

from monitor.render.facts import Style

__all__ = ["Style"]
