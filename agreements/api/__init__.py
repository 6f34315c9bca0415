"""/api/v1/: what is public for everyone, and the records of a municipality for its own systems (ADR 0040).

`entrance` is the way in of every request, `answers` the way out; `public` and `internal` hold the operations,
`progress` the one that writes. What goes out to everyone comes from `PublicEdition`, as everywhere.
"""
