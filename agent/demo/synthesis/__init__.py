"""Generator of human-like mouse movement, for the demonstration, tests and benchmarks.

Pure and seeded: the same arguments give the same events, on every computer with the same NumPy. People are
drawn with `person`; `work` lets one of them work at a `Desk`. Nothing here is a recording of anybody, and
what these people do says nothing about how well real people can be told apart: docs/results.md has the
figures from real data. What they are measured against is told in `hand`.
"""

from agent.demo.synthesis.desk import Desk, Doing, Screen, Target, office
from agent.demo.synthesis.hand import Hand, person, today
from agent.demo.synthesis.session import work
from agent.demo.synthesis.strokes import Stroke, stroke, trace

__all__ = [
    "Desk",
    "Doing",
    "Hand",
    "Screen",
    "Stroke",
    "Target",
    "office",
    "person",
    "stroke",
    "today",
    "trace",
    "work",
]
