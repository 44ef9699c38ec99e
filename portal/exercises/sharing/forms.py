"""The form with which a therapist approves steps."""

from portal.drafts.forms import Form
from portal.fields import Choices


class ApprovalForm(Form):
    """The rows of a shared practice that are approved, by their number from 0."""

    rows = Choices("Approved", coerce=int)
