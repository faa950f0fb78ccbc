"""What a feed usually shows, and when it departs from that.

Pure: numbers of the last documents in, what has changed out; it must not see entries' meaning, the store or a clock.
"""
