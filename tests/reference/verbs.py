"""What verbs mean, as the emitters use them."""

ADL = "http://adlnet.gov/expapi/verbs"
CMI5 = "https://w3id.org/xapi/adl/verbs"
VIDEO = "https://w3id.org/xapi/video/verbs"
TIN_CAN = "http://id.tincanapi.com/verb"
STREAMS = "http://activitystrea.ms/schema/1.0"
ACROSS = "https://w3id.org/xapi/acrossx/verbs"
TLA = "https://w3id.org/xapi/tla/verbs"

VOIDED = f"{ADL}/voided"

KINDS = {
    f"{ADL}/attempted": "started",
    f"{ADL}/initialized": "started",
    f"{ADL}/launched": "started",
    f"{ADL}/resumed": "started",
    f"{STREAMS}/start": "started",
    f"{ADL}/progressed": "progressed",
    f"{ADL}/completed": "completed",
    f"{CMI5}/satisfied": "completed",
    f"{ADL}/passed": "passed",
    f"{ADL}/failed": "failed",
    f"{ADL}/scored": "scored",
    f"{TLA}/scored": "scored",
    f"{ADL}/answered": "answered",
    f"{ACROSS}/evaluated": "answered",
    f"{ADL}/experienced": "viewed",
    f"{TIN_CAN}/viewed": "viewed",
    f"{VIDEO}/played": "played",
    f"{VIDEO}/paused": "paused",
    f"{VIDEO}/seeked": "seeked",
    f"{ADL}/interacted": "interacted",
    f"{STREAMS}/submit": "interacted",
    "https://w3id.org/xapi/dod-isd/verbs/navigated": "interacted",
    f"{TIN_CAN}/earned": "graded",
    f"{ADL}/terminated": "ended",
    f"{ADL}/suspended": "ended",
    f"{ADL}/exited": "ended",
    f"{CMI5}/abandoned": "ended",
    f"{CMI5}/waived": "waived",
}
JUDGEMENTS = frozenset(("passed", "failed", "scored"))
"""Somebody else's are `graded`."""
