"""Pieces of JSON that all dialects are put together from."""

from functools import lru_cache

import msgspec

from simulator.moments import DAY, iso
from simulator.plans.steps import Kind, Outcome, Step, Verb

encode = msgspec.json.encode


def verb(iri: str, name: str, kind: Kind, language: str = "en-US") -> Verb:
    return Verb(iri, name, kind, encode({"id": iri, "display": {language: name}}))


@lru_cache(4096)
def _day_text(days: int) -> str:
    return iso(days * DAY)[:10]


_CLOCK = [f"T{hour:02}:{minute:02}:" for hour in range(24) for minute in range(60)]


def timestamp(at: int) -> bytes:
    days, rest = divmod(at, DAY)
    minutes, rest = divmod(rest, 60_000)
    return f"{_day_text(days)}{_CLOCK[minutes]}{rest // 1000:02}.{rest % 1000:03}Z".encode()


def timestamp_in_seconds(at: int) -> bytes:
    return timestamp(at)[:19] + b"+00:00"


def statement(  # noqa: PLR0913, PLR0917 - the properties of a statement
    step: Step, actor: bytes, about: bytes, result: bytes, context: bytes, when: bytes
) -> bytes:
    return b'{"id":"%s","actor":%s,"verb":%s,"object":%s%s%s,"timestamp":"%s"}' % (
        step.id.encode(), actor, step.verb.text, about, result, context, when,
    )  # fmt: skip


def number(value: float) -> str:
    """As JavaScript writes it: whole numbers without a point."""
    return str(int(value)) if value == int(value) else repr(value)


def score_text(outcome: Outcome) -> str:
    raw, maximum = outcome.raw, outcome.maximum
    if raw is None or maximum is None:
        return "" if outcome.scaled is None else f'"score":{{"scaled":{number(outcome.scaled)}}},'
    scaled = raw / maximum if outcome.scaled is None else outcome.scaled
    return f'"score":{{"scaled":{number(scaled)},"raw":{number(raw)},"min":0,"max":{number(maximum)}}},'


def flags_text(outcome: Outcome) -> str:
    text = ""
    if outcome.success is not None:
        text += f'"success":{"true" if outcome.success else "false"},'
    if outcome.completion is not None:
        text += f'"completion":{"true" if outcome.completion else "false"},'
    if outcome.response is not None:
        text += f'"response":"{outcome.response}",'
    if outcome.seconds is not None:
        text += f'"duration":"{duration(outcome.seconds)}",'
    return text


PROGRESS = "https://w3id.org/xapi/cmi5/result/extensions/progress"


def result_text(outcome: Outcome | None) -> bytes:
    if outcome is None:
        return b""
    text = score_text(outcome) + flags_text(outcome)
    if outcome.progress is not None:
        text += f'"extensions":{{"{PROGRESS}":{round(outcome.progress * 100)}}},'
    return f',"result":{{{text[:-1]}}}'.encode()


@lru_cache(4096)
def duration(seconds: int) -> str:
    minutes, rest = divmod(seconds, 60)
    return f"PT{minutes}M{rest}S" if minutes else f"PT{rest}S"
