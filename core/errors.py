"""The one exception that a person may have caused and can mend."""


class UserError(Exception):
    """What was wrong and where, and what to do about it: shown as it is, without a traceback."""

    exit_code = 1

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".rstrip()
