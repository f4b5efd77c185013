"""Words for what the machines that ship name: states, triggers, roles, records, fields.

The same English word may need several in Chinese, so each is marked with its
kind as context. A name may be refined for one machine, as ``machine.name``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final


def P_(_context: str, message: str) -> str:  # noqa: N802 - named as N_ is
    """Mark ``message`` for the catalogues, within a context, and return it unchanged."""
    return message


STATES: Final[Mapping[str, str]] = {
    "drafting": P_("state", "drafting"),
    "drafted": P_("state", "drafted"),
    "peer_reviewed": P_("state", "peer-reviewed"),
    "approved": P_("state", "approved"),
    "published": P_("state", "published"),
    "self_assessed": P_("state", "self-assessed"),
    "evaluated": P_("state", "evaluated"),
    "rectified": P_("state", "rectified"),
    "withdrawn": P_("state", "withdrawn"),
    "open": P_("state", "open"),
    "submitted": P_("state", "submitted"),
    "accepted": P_("state", "accepted"),
    "returned": P_("state", "returned"),
    "excused": P_("state", "excused"),
    "raised": P_("state", "raised"),
    "assigned": P_("state", "assigned"),
    "rectifying": P_("state", "rectifying"),
    "finding.submitted": P_("state", "rectification submitted"),
    "verified": P_("state", "verified"),
    "closed": P_("state", "closed"),
    "reopened": P_("state", "reopened"),
    "referred": P_("state", "referred"),
    "lodged": P_("state", "lodged"),
    "examined": P_("state", "examined"),
    "upheld": P_("state", "upheld"),
    "changed": P_("state", "changed"),
}

TRIGGERS: Final[Mapping[str, str]] = {
    "draft": P_("trigger", "draft"),
    "peer_review": P_("trigger", "peer-review"),
    "approve": P_("trigger", "approve"),
    "deem_approved": P_("trigger", "deem approved"),
    "publish": P_("trigger", "publish"),
    "self_assess": P_("trigger", "self-assess"),
    "evaluate": P_("trigger", "evaluate"),
    "rectify": P_("trigger", "rectify"),
    "send_back": P_("trigger", "send back"),
    "return_report": P_("trigger", "return report"),
    "withdraw": P_("trigger", "withdraw"),
    "submit": P_("trigger", "submit"),
    "accept": P_("trigger", "accept"),
    "return": P_("trigger", "return"),
    "excuse": P_("trigger", "excuse"),
    "assign": P_("trigger", "assign"),
    "begin": P_("trigger", "begin"),
    "verify": P_("trigger", "verify"),
    "reopen": P_("trigger", "reopen"),
    "finding.reopen": P_("trigger", "reopen rectification"),
    "target.reopen": P_("trigger", "reopen evaluation"),
    "refer": P_("trigger", "refer"),
    "close": P_("trigger", "close"),
    "examine": P_("trigger", "examine"),
    "uphold": P_("trigger", "uphold"),
    "change": P_("trigger", "change"),
}

ROLES: Final[Mapping[str, str]] = {
    "owner": P_("role", "responsible section"),
    "vice_leader": P_("role", "vice leader"),
    "group_office": P_("role", "group office"),
    "leading_group": P_("role", "leading group"),
    "reviewer": P_("role", "reviewer"),
    "auditor": P_("role", "auditor"),
    "administrator": P_("role", "administrator"),
    "daemon": P_("role", "time itself"),
}

MACHINES: Final[Mapping[str, str]] = {
    "cycle": P_("machine", "cycle"),
    "target": P_("machine", "target"),
    "assignment": P_("machine", "assignment"),
    "finding": P_("machine", "finding"),
    "appeal": P_("machine", "appeal"),
    "office": P_("machine", "office"),
}

RECORDS: Final[Mapping[str, str]] = {
    "peer_opinion": P_("record", "peer opinion"),
    "submitted_for_decision": P_("record", "submission for decision"),
    "decision": P_("record", "decision"),
    "submitted_for_reply": P_("record", "submission for reply"),
    "reply": P_("record", "written reply"),
    "publication": P_("record", "publication"),
    "request": P_("record", "request"),
    "response": P_("record", "response"),
    "internal_plan": P_("record", "internal plan"),
    "filing": P_("record", "filing"),
    "leader_evaluation": P_("record", "leader evaluation"),
    "public_evaluation": P_("record", "public evaluation"),
    "peer_result_review": P_("record", "peer review of results"),
    "onsite_assessment": P_("record", "on-site assessment"),
    "same_type_recheck": P_("record", "same-type recheck"),
    "spot_verification": P_("record", "spot verification"),
    "evaluation_result": P_("record", "evaluation result"),
    "external_result": P_("record", "external result"),
    "circular": P_("record", "circular"),
    "receipt": P_("record", "receipt"),
    "minutes": P_("record", "minutes"),
    "evidence": P_("record", "evidence"),
    "work_plan": P_("record", "implementation plan"),
    "self_report": P_("record", "self-assessment report"),
    "progress": P_("record", "progress"),
    "no_overlap": P_("record", "statement of no overlap"),
    "handed_in": P_("record", "hand-in"),
    "start": P_("record", "start"),
    "absence": P_("record", "absence"),
}

FIELDS: Final[Mapping[str, str]] = {
    "document": P_("field", "document"),
    "note": P_("field", "note"),
    "result": P_("field", "result"),
    "peer": P_("field", "peer unit"),
    "opinion": P_("field", "opinion"),
    "disposition": P_("field", "disposition"),
    "grounds": P_("field", "grounds"),
    "channel": P_("field", "channel"),
    "proof": P_("field", "proof"),
    "receipt": P_("field", "receipt"),
    "body": P_("field", "body"),
    "method": P_("field", "method"),
    "grade": P_("field", "grade"),
    "block": P_("field", "block"),
    "section": P_("field", "section"),
    "sha256": P_("field", "SHA-256"),
    "name": P_("field", "name"),
    "pace": P_("field", "pace"),
    "quality": P_("field", "quality"),
    "finish_by": P_("field", "finish by"),
    "completion": P_("field", "degree of completion"),
    "shortfall": P_("field", "reasons for shortfall"),
    "improvement": P_("field", "improvement plan"),
    "percent": P_("field", "percentage done"),
    "expected": P_("field", "percentage expected"),
    "because": P_("field", "explanation"),
    "first": P_("field", "first day"),
    "last": P_("field", "last day"),
    "title": P_("field", "title"),
    "title.en": P_("field", "English title"),
    "year": P_("field", "year"),
    "category": P_("field", "category"),
    "sources": P_("field", "sources"),
    "basis": P_("field", "basis"),
    "excused:self_assessed": P_("field", "excused from the self-assessment"),
    "excused:self_report": P_("field", "excused from the self report"),
    "step": P_("field", "step"),
    "gate": P_("field", "gate"),
    "loaded_at": P_("field", "loaded at"),
    "reason": P_("field", "reason"),
    "authority": P_("field", "authority"),
    "person": P_("field", "person"),
    "occurred-at": P_("field", "date"),
}

CHOICES: Final[Mapping[str, str]] = {
    "True": P_("choice", "yes"),
    "False": P_("choice", "no"),
    "approved": P_("choice", "approved"),
    "returned": P_("choice", "returned"),
    "adopted": P_("choice", "adopted"),
    "partly_adopted": P_("choice", "partly adopted"),
    "not_adopted": P_("choice", "not adopted"),
    "no_opinion": P_("choice", "no opinion"),
    "goal_assessment": P_("choice", "goal assessment"),
    "leader_evaluation": P_("choice", "leader evaluation"),
    "public_evaluation": P_("choice", "public evaluation"),
    "positive_incentive": P_("choice", "positive incentive"),
    "spot_verification": P_("choice", "spot verification"),
    "website": P_("choice", "website"),
    "notice_board": P_("choice", "notice board"),
}
"""Values of fields and names of channels."""

JOINS: Final[Mapping[str, str]] = {
    "all_self_assessed": P_("join", "all is self-assessed and handed in"),
    "no_open_finding": P_("join", "no finding is open"),
}

JOINS_UNMET: Final[Mapping[str, str]] = {
    "all_self_assessed": P_("unmet", "not all is self-assessed and handed in"),
    "no_open_finding": P_("unmet", "a finding is still open"),
}
