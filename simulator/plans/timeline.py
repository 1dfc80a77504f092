"""When a learner does what. The plan decides how long everything keeps them busy and when they are away."""

from random import Random

from simulator.chance import new_id
from simulator.moments import MINUTE, SECOND
from simulator.plans.steps import Outcome, Step, Thing, Verb, Visit, Watching
from simulator.world.things import Place

# Nothing but a playing video keeps a learner busy for longer without a sign of life.
LONGEST_SPAN = 5 * MINUTE
LAST_SPAN = MINUTE
LONGEST_PAUSE = 30 * MINUTE


class Timeline:
    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.now = 0
        self.sessions: list[list[Step]] = []
        # Judgements of others, and what a broken clock has put before 2000: in no session.
        self.apart: list[Step] = []

    @property
    def last(self) -> Step:
        return self.sessions[-1][-1]

    def begin(self, at: int) -> None:
        """The caller has seen to it that more than half an hour lies between this and what was before."""
        self.now = at
        self.sessions.append([])

    def do(  # noqa: PLR0913, PLR0917 - the columns of a step
        self, verb: Verb, thing: Thing, place: Place, visit: Visit, busy: int = 0,
        outcome: Outcome | Watching | None = None, judge: str | None = None,
    ) -> Step:  # fmt: skip
        """`busy` is in seconds, at most five minutes. The next step comes on a whole second."""
        step = Step(new_id(self.rng), self.now, verb, thing, place, visit, outcome, judge)
        step.lasts = -(-(self.now + busy * SECOND) // SECOND) * SECOND - self.now
        self.now += step.lasts
        self.sessions[-1].append(step)
        return step

    def play(self, step: Step, milliseconds: int) -> None:
        """The last step began to play a video, which now runs for so long."""
        step.lasts = milliseconds
        self.now = step.at + milliseconds

    def leave(self, seconds: int) -> None:
        """Away for five minutes to half an hour since the last step began: five of them count as busy."""
        self.last.lasts = LONGEST_SPAN
        self.now = self.last.at + seconds * SECOND

    def end(self) -> None:
        if self.sessions[-1]:
            self.last.lasts = LAST_SPAN
        else:
            self.sessions.pop()

    def aside(  # noqa: PLR0913, PLR0917
        self, at: int, verb: Verb, thing: Thing, place: Place, visit: Visit, outcome: Outcome | None = None,
        judge: str | None = None,
    ) -> Step:  # fmt: skip
        step = Step(new_id(self.rng), at, verb, thing, place, visit, outcome, judge)
        self.apart.append(step)
        return step

    def alone(  # noqa: PLR0913, PLR0917
        self, at: int, verb: Verb, thing: Thing, place: Place, visit: Visit, outcome: Outcome | None = None
    ) -> Step:
        """A session of one step."""
        self.begin(at)
        step = self.do(verb, thing, place, visit, 0, outcome)
        self.end()
        return step
