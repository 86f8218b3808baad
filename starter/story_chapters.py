"""The story's chapters in the order in which they are printed; the last one counts the others."""

from __future__ import annotations

from starter import story, story_accountability
from starter.story_checks import (
    Chapter,
    of_inquiry,
    of_mortgage,
    of_once_only,
    of_stock_tools,
    of_untouched,
)
from starter.story_verdicts import of_late, of_month, of_wrong

CHAPTERS = (
    Chapter(
        "zixun", "首问负责：移交与接收", "An inquiry handed over and accepted", story.inquiry, of_inquiry
    ),
    Chapter(
        "diya", "限时办结：承诺五日，一日办结", "Promised in 5 days, done in 1", story.mortgage, of_mortgage
    ),
    Chapter("buzheng", "一次性告知", "A once-only notice", story.once_only, of_once_only),
    Chapter("chaoqi", "无人办理：黄灯、黄牌、红牌", "Nobody touches it", story.untouched, of_untouched),
    Chapter(
        "mingling", "用通用命令批准", "Approved with the stock command", story.stock_tools, of_stock_tools
    ),
    Chapter(
        "wenze",
        "逾期问责：申诉、红牌、过错追究",
        "From a yellow card to a decision on the fault",
        story_accountability.late,
        of_late,
    ),
    Chapter(
        "cuopi",
        "错批连带：复议撤销，全链条审查",
        "A wrong approval, and everybody who signed it",
        story_accountability.wrong,
        of_wrong,
    ),
)

LAST = Chapter("yuebao", "督查月报", "The month's report", story_accountability.month, of_month)
