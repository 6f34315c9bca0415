"""Figures in the way people write them."""

from django import template

from agreements.domain.figures import spell

register = template.Library()
register.filter("figure", spell)
