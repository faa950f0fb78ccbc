"""What is known of languages: normalised text with offsets, detection, inflected forms, scripts.

It knows no watches and no articles; the tables of forms are read from a cache folder that callers name.
"""

from monitor.language.detect import detect, languages_in
from monitor.language.normalise import Normalised, normalise

__all__ = ["Normalised", "detect", "languages_in", "normalise"]
