"""Examples of what acts say, with invented people: by field, and where an act needs its own."""

from __future__ import annotations

from typing import Any

DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

EXAMPLES: dict[str, Any] = {
    "amount_fen": 8000,
    "approve": True,
    "calendar": {"jurisdiction": "CN", "version": "2026.2"},
    "choice": "agree",
    "custodians": ["1803", "1005"],
    "days": 5,
    "decided_on": "2026-06-22",
    "document": "莱国土资〔2026〕12号",
    "effective_on": "2026-06-23",
    "expected_days": 10,
    "filed": True,
    "flag": "title_dispute",
    "grant": True,
    "ground": "expert_review",
    "granted": True,
    "investigator": "1901",
    "kind": "discipline",
    "measure": "criticism",
    "meets_at": "2026-06-24T14:00:00+08:00",
    "members": [
        {"officer": "1001", "post": "head", "chair": True},
        {"officer": "1003", "post": "deputy-registry"},
        {"officer": "1004", "post": "deputy-law"},
    ],
    "merit": "justified",
    "minutes": DIGEST,
    "notice": "莱土告〔2026〕3号",
    "opinion": "材料齐全，符合条件，同意",
    "organ": "municipal-supervision",
    "other": "GC-2026-000002",
    "outcome": "granted",
    "path": "organisational",
    "person": "1301",
    "plan": "补充勘测后五日内答复",
    "points": {"map": "宗地图未加盖测绘单位印章"},
    "proposed_post": "land-use-handler",
    "reason": "权属来源材料不一致，须核实",
    "ref": "T1",
    "remedy": "六十日内可申请行政复议",
    "result": "upheld",
    "route": "信访事项由市信访局受理",
    "rules": {"profile": "laixi-sample", "profile_version": "2026.2"},
    "score": 5,
    "team": ["1901", "1902"],
    "to": "H",
    "to_post": "land-use-chief",
    "upheld": True,
    "what": "reserve_price",
}

OF_ACTS: dict[tuple[str, str], dict[str, Any]] = {
    ("case", "accept"): {"materials": [{"code": "application", "pages": 2}], "opinion": "材料齐全，予以受理"},
    ("case", "refuse"): {"ground": "not_ours", "authority": "市规划局", "remedy": "六十日内可申请行政复议"},
    ("case", "decide"): {"outcome": "granted", "document": "莱国土资〔2026〕12号"},
    ("case", "result_ready"): {"document": "莱国土资〔2026〕12号", "notified": "sms"},
    ("case", "deliver"): {"method": "window"},
    ("inquiry", "guide"): {"place": "一楼 3 号窗口", "contact": "0532-0000000"},
    ("complaint", "accept"): {"notified": "phone"},
    ("complaint", "refuse"): {"ground": "not_ours"},
    ("complaint", "answer_review"): {"outcome": "upheld"},
    ("complaint", "answer_recheck"): {"outcome": "upheld"},
    ("review", "override"): {"outcome": "passed"},
    ("review", "seal"): {"name": "reserve_price", "value": "底价 1,280,000 元"},
    ("supervision", "verify"): {"passed": True},
    ("fault", "decide"): {
        "outcome": "handled",
        "document": "莱土追〔2026〕1号",
        "persons": [{"officer": "1301", "post": "land-use-handler", "handling": ["criticism"]}],
    },
    ("fault", "not_accept"): {"ground": "no_fault"},
    ("fault", "register_party"): {
        "record": {
            "officer": "1301",
            "discipline": "warning",
            "organ": "municipal-discipline",
            "number": "纪〔2026〕8号",
            "decided_on": "2026-06-22",
        }
    },
    ("fault", "register_criminal"): {
        "record": {
            "officer": "1301",
            "measure": "bail",
            "organ": "municipal-procuratorate",
            "number": "检〔2026〕2号",
            "since": "2026-06-22",
        }
    },
}
"""Fields that an act's example has instead of, or besides, those of its table row."""
