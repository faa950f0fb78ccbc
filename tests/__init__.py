"""Tests; `loopback` and the other fakes are shared among them."""
