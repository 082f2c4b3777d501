"""What goes wrong between a client and the service."""


class ClientError(Exception):
    """Anything below."""


class RefusedError(ClientError):
    """The service answered, and the answer is no; `code` is its code, `status` that of HTTP."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(f"{code} ({status}): {message}")
        self.status = status
        self.code = code
        self.message = message


class UnreachableError(ClientError):
    """No answer, or only 502, 503 and 504, for as long as was worth trying."""


class ClosedForGoodError(ClientError):
    """The service closed the live connection with a code after which coming back by itself would be in vain."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(f"closed with {code}: {reason}")
        self.code = code
