"""The courses of a tenant, one function a shape: which content, by which emitter, known to the LMS in which way."""

import msgspec

from simulator.moments import DAY, HOUR
from simulator.world.draft import Draft, questions, video
from simulator.world.sites import Sites
from simulator.world.things import Course, Question, Video


def linear(sites: Sites, start: int) -> Course:
    """Lessons one after the other and a quiz; the LMS knows them by patterns of its own addresses."""
    draft = Draft("linear", "adl", f"{sites.lms}/courses/linear-course", start)
    plan = {
        "Beginnings": ("Counting", "Measuring"),
        "Tools": ("Tables", "Charts"),
        "Practice": ("Questions", "Answers"),
    }
    recorded = iter(("statement", "row", "both", "statement", "statement", "statement"))
    for module, lessons in plan.items():
        draft.module(module)
        for title in lessons:
            iri = f"{sites.lms}/lessons/{draft.next_lesson()}"
            draft.lesson(title, iri, activity_iri=None, pages=3, recorded=next(recorded))
    iri = f"{sites.lms}/lessons/{draft.next_lesson()}"
    draft.lesson("Further reading", iri, activity_iri=None, pages=2, required=False)
    quiz = f"{sites.lms}/quizzes/linear-a1"
    draft.assessment("Final quiz", quiz, recorded="both", questions=questions(quiz, "Averages", 5))
    return draft.done(
        "linear", "Foundations of data", ("i1",), activity_iri=None, share=0.55, due_days=70, completed_by="nobody"
    )


def exams(sites: Sites, start: int) -> Course:
    """Moodle: pages, a quiz with several attempts, and an assignment that a teacher marks days later."""
    draft = Draft("exams", "moodle", f"{sites.moodle}/course/view.php?id=12", start)
    draft.module("General")
    for number, title in enumerate(("Syllabus", "Reading", "Case", "Revision"), 101):
        iri = f"{sites.moodle}/mod/page/view.php?id={number}"
        draft.lesson(title, iri, activity_iri=None, external_id=str(number))
    quiz = f"{sites.moodle}/mod/quiz/view.php?id=201"
    items = questions(f"{sites.moodle}/question/question.php?cmid=201&", "Inference", 6, "id=")
    draft.assessment(
        "Exam", quiz, type="exam", max_score=10, passing_score=6, activity_iri=None, external_id="201",
        recorded="both", questions=items,
    )  # fmt: skip
    essay = f"{sites.moodle}/mod/assign/view.php?id=202"
    draft.assessment(
        "Essay", essay, type="assignment", max_score=20, passing_score=10, max_attempts=2, activity_iri=None,
        external_id="202", recorded="both",
    )  # fmt: skip
    return draft.done(
        "exams", "Statistics with exams", ("i2",), activity_iri=None, external_id="12", share=0.4, due_days=84,
        completed_by="statement",
    )  # fmt: skip


def films(sites: Sites, start: int) -> Course:
    """Video profile: some players know a registration, some only their session; one lecture is very long."""
    draft = Draft("films", "video", f"{sites.lms}/c/films", start)
    draft.module("Lectures")
    lengths = (420, 611, 905, 300)
    for number, seconds in enumerate(lengths, 1):
        iri = f"{sites.lms}/media/films-{number}.mp4"
        film = video(iri, f"Lecture {number}", seconds, 0.9 if number % 2 else None)
        draft.lesson(
            film.title, iri, content_type="video", minutes=seconds // 60, video=film, is_registered=number == 2
        )
    iri = f"{sites.lms}/media/films-long.mp4"
    film = video(iri, "The long lecture", 3300)
    draft.lesson(film.title, iri, content_type="video", minutes=55, video=film, required=False)
    bonus = video(f"{sites.lms}/media/films-bonus.mp4", "Behind the scenes", 120)
    return draft.done("films", "Seeing data", ("i1", "i3"), share=0.35, due_days=None, extras=(bonus,))


def openedx(sites: Sites, start: int) -> Course:
    """Open edX: blocks known by their usage keys, a graded subsection, the course passed by the grade book."""
    key = f"course-v1:{sites.slug}+DATA+2026"
    draft = Draft("openedx", "openedx", f"{sites.edx}/course/{key}", start)
    block = f"block-v1:{sites.slug}+DATA+2026+type"
    draft.module("Week 1")
    for number, seconds in enumerate((240, 380), 1):
        usage = f"{block}@video+block@v{number}"
        iri = f"{sites.edx}/xblock/{usage}"
        film = video(iri, f"Clip {number}", seconds)
        draft.lesson(film.title, iri, activity_iri=None, external_id=usage, content_type="video", video=film)
    draft.module("Week 2")
    for number in (1, 2):
        usage = f"{block}@html+block@h{number}"
        draft.lesson(f"Unit {number}", f"{sites.edx}/xblock/{usage}", activity_iri=None, external_id=usage)
    usage = f"{block}@sequential+block@s1"
    items = tuple(
        msgspec.structs.replace(item, tells_choices=False)
        for item in questions(f"{sites.edx}/xblock/{block}@problem+block@p", "Sampling", 4, "")
    )
    draft.assessment(
        "Homework", f"{sites.edx}/xblock/{usage}", type="assignment", max_score=4, passing_score=2, activity_iri=None,
        external_id=usage, questions=items,
    )  # fmt: skip
    return draft.done(
        "openedx", "Sampling online", ("i4",), activity_iri=None, external_id=key, share=0.3, due_days=56,
        completed_by="statement",
    )  # fmt: skip


def h5p(sites: Sites, start: int) -> Course:
    """Nothing but H5P: questions live in lessons; one activity is shared with another course."""
    draft = Draft("h5p", "h5p", f"{sites.lms}/c/h5p", start)
    draft.module("Play")
    for number, (title, count) in enumerate((("Warm up", 3), ("Blanks", 4), ("Decisions", 3)), 11):
        iri = f"{sites.h5p}/node/{number}"
        items = questions(iri, title, count, "?subContentId=5d2f4a1c-0000-4000-8000-00000000000")
        draft.lesson(title, iri, content_type="interactive", minutes=10, questions=items)
    draft.lesson("Glossary game", f"{sites.h5p}/node/99", content_type="interactive", minutes=5, required=False)
    iri = f"{sites.h5p}/node/50"
    items = questions(iri, "Charts", 5, "?subContentId=7e8a9b0c-0000-4000-8000-00000000000")
    draft.assessment("Check yourself", iri, max_score=5, passing_score=3, max_attempts=None, questions=items)
    return draft.done("h5p", "Playing with numbers", ("i3",), share=0.3, due_days=63)


def cmi5(sites: Sites, start: int) -> Course:
    """Assignable units, the last of which is judged; the LMS says when the course is satisfied."""
    draft = Draft("cmi5", "cmi5", f"{sites.lms}/cmi5/courses/7", start)
    draft.module("Block A")
    for number, title in enumerate(("Arrival", "Hazards", "Signals", "Drill"), 1):
        iri = f"{sites.lms}/cmi5/au/{number}"
        draft.lesson(title, iri, content_type="interactive", minutes=15, is_registered=True)
    iri = f"{sites.lms}/cmi5/au/5"
    draft.assessment("Licence", iri, type="exam", passing_score=80, questions=questions(iri, "Safety", 5))
    return draft.done("cmi5", "Safety at work", ("i5",), share=0.45, due_days=42, completed_by="statement")


def packages(sites: Sites, start: int) -> Course:
    """Storyline and Rise packages, a package with questions being an assessment."""
    draft = Draft("packages", "articulate", f"{sites.lms}/c/packages", start)
    draft.module("Storyline")
    for number in (1, 2, 3):
        iri = f"urn:articulate:storyline:{sites.slug[:3]}uEluHuA{number}"
        draft.lesson(f"Story {number}", iri, content_type="interactive", pages=5)
    draft.module("Rise")
    iri = f"http://{sites.slug[:3]}GzX72zEkKuLYJI2RB9oMyGsCz_rise"
    draft.lesson("Rise overview", iri, pages=4)
    draft.lesson(
        "Glossary game", f"{sites.h5p}/node/99", emitter="h5p", content_type="interactive", minutes=5, required=False
    )
    iri = f"urn:articulate:storyline:{sites.slug[:3]}uEluQuiz"
    draft.assessment("Story quiz", iri, passing_score=80, questions=questions(iri, "Stories", 5))
    return draft.done("packages", "Telling stories", ("i2", "i5"), share=0.3, due_days=None, length_days=90)


def free(sites: Sites, start: int) -> Course:
    """Nothing is required; the LMS has a button that says the course is done."""
    draft = Draft("free", "adl", f"{sites.lms}/courses/free-course", start)
    draft.module("As you like")
    for title in ("Inspiration", "Ideas"):
        iri = f"{sites.lms}/lessons/{draft.next_lesson()}"
        draft.lesson(title, iri, activity_iri=None, pages=2, required=False)
    talk = Video(f"{sites.lms}/lessons/{draft.next_lesson()}", "A talk", 500_000, says_length=False)
    draft.lesson(
        talk.title, talk.iri, activity_iri=None, content_type="video", video=talk, required=False, emitter="video"
    )
    return draft.done(
        "free", "Open library", ("i4",), activity_iri=None, share=0.25, ends_at=None, length_days=None,
        completed_by="row",
    )  # fmt: skip


def changing(sites: Sites, start: int) -> Course:
    """One lesson becomes required in the fourth week, another stops being so in the fifth."""
    draft = Draft("changing", "adl", f"{sites.lms}/c/changing", start)
    draft.module("Core")
    for title in ("Scope", "Sources", "Methods", "Results"):
        draft.lesson(title, f"{sites.lms}/x/changing/{draft.next_lesson()}", pages=2)
    draft.module("Around")
    later, sooner = start + 24 * DAY + 9 * HOUR, start + 31 * DAY + 9 * HOUR
    iri = f"{sites.lms}/x/changing/{draft.next_lesson()}"
    draft.lesson("Ethics", iri, pages=2, changes=((0, False), (later, True)))
    iri = f"{sites.lms}/x/changing/{draft.next_lesson()}"
    draft.lesson("Appendix", iri, pages=2, changes=((0, True), (sooner, False)))
    draft.lesson("Anecdotes", f"{sites.lms}/x/changing/{draft.next_lesson()}", pages=1, required=False)
    return draft.done("changing", "Research in motion", ("i1",), share=0.35, due_days=77, completed_by="nobody")


def short(sites: Sites, start: int) -> Course:
    """Over before the simulation ends, so that it is known how everyone fared."""
    draft = Draft("short", "adl", f"{sites.lms}/c/short", start)
    draft.module("Sprint")
    for title in ("Day one", "Day two", "Day three", "Day four"):
        draft.lesson(title, f"{sites.lms}/x/short/{draft.next_lesson()}", pages=2)
    iri = f"{sites.lms}/x/short/quiz"
    draft.assessment("Sprint quiz", iri, recorded="row", passing_score=50, questions=())
    return draft.done(
        "short", "Data sprint", ("i3",), share=0.5, ends_at=start + 35 * DAY, length_days=28, status="published"
    )


def unfinished(sites: Sites, start: int) -> Course:
    draft = Draft("draft", "adl", f"{sites.lms}/c/draft", start)
    draft.module("Soon")
    draft.lesson("Outline", f"{sites.lms}/x/draft/1", pages=2)
    return draft.done(
        "draft", "Not yet", ("i1",), status="draft", published_at=None, ends_at=None, length_days=None, share=0.04
    )


def archived(sites: Sites, start: int) -> Course:
    """Without an end, so that nobody asks how its learners fared by then: it was published while they learned."""
    draft = Draft("archived", "adl", f"{sites.lms}/c/archived", start - 120 * DAY)
    draft.module("Then")
    draft.lesson("Memories", f"{sites.lms}/x/archived/1", pages=2)
    return draft.done(
        "archived", "Last year's course", ("i2",), status="archived", published_at=start - 130 * DAY, ends_at=None,
        length_days=None, share=0.08,
    )  # fmt: skip


def seminar(sites: Sites, start: int, size: int) -> Course:
    """A quiz for exactly so many learners."""
    draft = Draft(f"seminar{size}", "adl", f"{sites.lms}/c/seminar{size}", start)
    draft.module("Seminar")
    draft.lesson("Reader", f"{sites.lms}/x/seminar{size}/1", pages=1)
    iri = f"{sites.lms}/x/seminar{size}/quiz"
    draft.assessment("Seminar quiz", iri, questions=questions(iri, "Seminar", 4))
    return draft.done(f"seminar{size}", f"Seminar of {size}", ("i5",))


def probes(sites: Sites, start: int) -> Course:
    """Five equal lessons: what the definitions' edges are tried on."""
    draft = Draft("probes", "adl", f"{sites.lms}/c/probes", start)
    draft.module("Probes")
    for title in ("One", "Two", "Three", "Four", "Five"):
        draft.lesson(title, f"{sites.lms}/x/probes/{draft.next_lesson()}", pages=2)
    iri = f"{sites.lms}/x/probes/quiz"
    survey = Question(
        f"{iri}/mood", "Mood", "How do you feel?", "choice", (("a", "Well"), ("b", "So so")), ("a",), 0.0, False
    )
    items = (*questions(iri, "Probe", 2), survey)
    draft.assessment("Probe quiz", iri, required=False, max_attempts=None, questions=items)
    return draft.done("probes", "Probes", ("i4",), length_days=None, ends_at=None)


SHAPES = (linear, exams, films, openedx, h5p, cmi5, packages, free, changing, short, unfinished, archived)
