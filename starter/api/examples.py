"""Examples of the API's description: what is sent and what comes back, with invented people."""

from __future__ import annotations

from typing import Any

TICKET = "IjlmODZkMDgxODg0YzdkNjU5YTJmZWFhMGM1NWFkMDE1YTNiZjRmMWIyYjBiODIyY2QxNWQ2YzE1YjBmMDBhMDgi.aR3k9A.x"
NUMBER = "LX-2026-000001"
LEAF = "5f0c8c5b2f6b7c0d9a1e4f3b2a1908f7e6d5c4b3a29180706f5e4d3c2b1a0918"

CASE: dict[str, Any] = {
    "item": "LX-DJ-01",
    "materials": [{"code": "application", "pages": 2, "file": None}],
    "applicant": {"name": "宋问路", "phone": "13800000000"},
}
INQUIRY: dict[str, Any] = {
    "topic": "抵押登记需要哪些材料",
    "applicant": {"name": "宋问路", "phone": "13800000000"},
}
COMPLAINT: dict[str, Any] = {"type": "hotline", "topic": "窗口无人值守", "applicant": {}}
SUPPLEMENT: dict[str, Any] = {"code": "7KQ2M9XRTB", "materials": [{"code": "application", "pages": 2}]}
RECEIPT: dict[str, Any] = {"id": "b" * 64, "caseseq": 1, "leaf_hash": LEAF, "said": ""}
STARTED: dict[str, Any] = {
    "number": NUMBER,
    "lookup_code": "7KQ2M9XRTB",
    "received_at": "2026-06-15T09:30:00+08:00",
    "received_day": "2026-06-15",
    "promised_day": "2026-06-23",
    "provisional": False,
    "receipt": RECEIPT,
    "links": {"receipt": f"/api/v1/receipts/{NUMBER}", "lookup": f"/api/v1/lookup?number={NUMBER}"},
    "as_of": 88213,
}
SUPPLEMENTED: dict[str, Any] = {"number": NUMBER, "receipt": RECEIPT, "as_of": 88213}
ITEM_LINE: dict[str, Any] = {
    "code": "LX-DJ-01",
    "name": "国有建设用地使用权抵押登记",
    "name_en": "Mortgage of state land use right",
    "type": "promised",
    "promise_days": 5,
    "statutory_days": 30,
    "fee_max_fen": 55000,
    "href": "/api/v1/items/LX-DJ-01",
}
ITEMS: dict[str, Any] = {"rows": [ITEM_LINE], "next": None, "profile": "current", "as_of": 88213}
ITEM: dict[str, Any] = {
    "item": {
        "code": "LX-DJ-01",
        "name": "国有建设用地使用权抵押登记",
        "name_en": "Mortgage of state land use right",
        "type": "promised",
        "basis": ["不动产登记暂行条例 第14条至第20条"],
        "acceptance": {"n": 0, "unit": "working_day", "basis": "不动产登记暂行条例 第17条"},
        "promise": {"n": 5, "unit": "working_day", "basis": "服务承诺"},
    },
    "profile": "current",
    "profile_sha256": "d6" * 32,
    "as_of": 88213,
}
DEADLINE: dict[str, Any] = {
    "item": "LX-DJ-01",
    "name": "国有建设用地使用权抵押登记",
    "name_en": "Mortgage of state land use right",
    "profile": "current",
    "calendar": {"version": "2026.1", "sha256": "d6" * 32},
    "clocks": {"promise": {"kind": "promise", "due": "2026-06-23", "yellow_from": "2026-06-22"}},
    "notes": {},
    "as_of": 88213,
}
RECEIPT_FILE: dict[str, Any] = {
    "format": "yangguang-receipt/1",
    "number": NUMBER,
    "kind": "case",
    "lookup_code": "7KQ2M9XRTB",
    "received": {"at": "2026-06-15T09:30:00+08:00", "day": "2026-06-15"},
    "promise": None,
    "standing": "signed",
    "sha256": "e7" * 32,
}
FOUND: dict[str, Any] = {
    "as_of": 88213,
    "number": NUMBER,
    "kind": "case",
    "state": "in_stage",
    "headline": {"zh": "办理中", "en": "In progress"},
    "next": {"zh": "请等候，到期前会有结果。", "en": "Please wait: there will be a result by the due day."},
    "lamp": "green",
    "lamp_words": {"zh": "正常", "en": "on time"},
    "received_day": "2026-06-15",
    "due": {
        "clock": "promise",
        "day": "2026-06-23",
        "why": {"zh": "承诺时限：5 个工作日…", "en": "promised limit: 5 working days…"},
    },
    "held_by": {"code": "registry-handler", "zh": "登记承办岗", "en": "Registration handler"},
    "steps": [{"day": "2026-06-15", "zh": "收件登记", "en": "received"}],
}
FILE: dict[str, Any] = {
    "ticket": TICKET,
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "media_type": "application/pdf",
    "size": 48213,
}
CASE_DEADLINE: dict[str, Any] = {
    "number": NUMBER,
    "lamp": "green",
    "due": FOUND["due"],
    "as_of": 88213,
}
HEAD: dict[str, Any] = {
    "origin": "land.example/ledger",
    "size": 88213,
    "root": "a3" * 32,
    "note": "land.example/ledger\n88213\no6Oj…\n\n— land.example/ledger abc…\n",
    "as_of": 88213,
}
CONSISTENCY: dict[str, Any] = {
    "from": 1000,
    "to": 88213,
    "from_root": "a3" * 32,
    "to_root": "b4" * 32,
    "proof": ["c5" * 32],
    "as_of": 88213,
}
PROOF: dict[str, Any] = {
    "number": NUMBER,
    "seq": 1,
    "id": "b" * 64,
    "type": "case.registered",
    "recorded": "2026-06-15T01:30:00.000000+00:00",
    "leaf_hash": LEAF,
    "index": 88190,
    "size": 88213,
    "hashes": ["c5" * 32],
    "tlog_proof": "c2sp.org/tlog-proof@v1\nindex 88190\n…",
    "as_of": 88213,
}
VERIFIED: dict[str, Any] = {
    "holds": True,
    "number": NUMBER,
    "standing": "signed",
    "by_outside_keys": False,
    "promise_derived_again": True,
    "proves": [{"zh": "…", "en": "…"}],
    "proves_not": [{"zh": "…", "en": "…"}],
}
PROBLEM: dict[str, Any] = {
    "type": "/problems/bad_field",
    "title": "字段有误 / Some fields are wrong",
    "status": 422,
    "detail": "字段有误 / Some fields are wrong",
    "code": "bad_field",
    "instance": "/api/v1/cases",
    "errors": [{"pointer": "/item", "detail": "Field required"}],
}


def shown(example: dict[str, Any]) -> dict[str, Any]:
    """An example of a body."""
    return {"example": {"value": example}}


def answered(example: Any, status: int = 200) -> dict[int | str, dict[str, Any]]:
    """An example of an answer, for `responses`."""
    return {status: {"content": {"application/json": {"example": example}}}}
