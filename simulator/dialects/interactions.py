"""Questions as cmi.interaction activities, as the specification of xAPI has them."""

from typing import Any

from simulator.world.things import Question

INTERACTION = "http://adlnet.gov/expapi/activities/cmi.interaction"


def interaction(question: Question, language: str = "en-US") -> dict[str, Any]:
    return {
        "name": {language: question.title},
        "description": {language: question.text},
        "type": INTERACTION,
        "interactionType": question.interaction,
        **correctness(question),
        **components(question, language),
    }


def correctness(question: Question) -> dict[str, Any]:
    return {"correctResponsesPattern": ["[,]".join(question.correct)]} if question.is_judged else {}


def components(question: Question, language: str = "en-US") -> dict[str, Any]:
    if question.interaction != "choice":
        return {}
    return {"choices": [{"id": letter, "description": {language: text}} for letter, text in question.choices]}
