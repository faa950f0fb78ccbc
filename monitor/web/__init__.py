"""The page of the running service: what was found and told, the feeds, the archive, and the reader's hands.

It serves inside the service's own loop and reads the store in threads of its own; it decides nothing about news.

    server    binds, starts and stops uvicorn            door      what every request and answer must be
    keys      sessions, hidden fields, the token         routes    the table of all addresses, each with who may ask
    desk      what pages may ask of the service          pages/    one file a page
    acts      the reader's hands (POST)                  api       the same as JSON, with its OpenAPI document
"""
