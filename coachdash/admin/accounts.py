"""Django's users and groups, in unfold's clothes."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group, User
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin

    _ModelAdmin = ModelAdmin[Any]
    _DjangoUserAdmin = DjangoUserAdmin[User]
else:
    _DjangoUserAdmin = DjangoUserAdmin
    from unfold.admin import ModelAdmin as _ModelAdmin

admin.site.index_title = "Dashboard"
admin.site.unregister([User, Group])


@admin.register(User)
class UserAdmin(_DjangoUserAdmin, _ModelAdmin):
    """Accounts."""

    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin, _ModelAdmin):
    """Groups of permissions."""
