class Refused(ValueError):
    """The file is not taken in; the message says in Japanese why, and what to do instead."""
