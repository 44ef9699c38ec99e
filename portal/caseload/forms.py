"""What reviewing a check-in takes: nothing but the tap, or a reply."""

from typing import Any

from wtforms import HiddenField, ValidationError

from portal.checkins.forms import ReplyForm


class ReviewForm(ReplyForm):
    """`version` is the version of the check-in that the page showed. The form to mark as seen has no reply at all."""

    version = HiddenField()

    def __init__(self, key: str, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.reply.id = f"reply-{key}"

    def validate_reply(self, field: Any) -> None:
        if field.raw_data and not field.data:
            raise ValidationError("Write a few words, or mark it as seen instead.")

    def version_read(self, latest: int) -> int:
        """The version that was read; the first where a damaged form does not say."""
        sent = self.version.data or ""
        return max(1, min(int(sent), latest)) if sent.isdecimal() and len(sent) < 9 else 1
