"""The sentences of closed days: how many sessions are cancelled, and how many stay."""

from portal import words


def closing(cancelled: int, staying: int) -> list[str]:
    """Closed days in sentences; none where no session is on them."""
    sentences = []
    if cancelled:
        are = "is" if cancelled == 1 else "are"
        sentences.append(f"{words.counted(cancelled, 'group session')} {are} cancelled.")
    if staying:
        stay = "stays" if staying == 1 else "stay"
        sentences.append(f"{words.counted(staying, 'other session')} on those days {stay} planned.")
    return sentences
