"""Doors for signed callbacks of other systems: a source, what it tells, in whose form.

One call goes signature → form → handler of its kind; every step is a function of bytes, so that each is tested alone.
"""
