"""The lists of 取組, 書類, 会議 and 施策 of the own municipality."""

from agreements.lists import LISTS

from .lists import ListPageView


class ActionListView(ListPageView):
    spec = LISTS["actions"]
    template_name = "agreements/action_list.html"
    extra_context = {"page_title": "取組", "lead": "自治体の協定の取組を、協定をまたいで探せます。"}


class DocumentListView(ListPageView):
    spec = LISTS["documents"]
    extra_context = {"page_title": "書類", "lead": "自治体の協定の書類を、協定をまたいで探せます。"}


class MeetingListView(ListPageView):
    spec = LISTS["meetings"]
    extra_context = {"page_title": "会議", "lead": "自治体の協定の会議の記録を、協定をまたいで探せます。"}


class PlanItemListView(ListPageView):
    spec = LISTS["plan_items"]
    extra_context = {"page_title": "施策", "lead": "総合計画の施策を、計画や階層をまたいで探せます。"}
