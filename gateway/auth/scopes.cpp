#include "gateway/auth/scopes.h"

#include <algorithm>

namespace cpis::auth {
namespace {

constexpr std::size_t scopes_max = 200;
constexpr std::size_t type_letters_max = 64;

std::uint8_t actions_meant(std::string_view words) {
  if (words == "read") return actions_of("rs");
  if (words == "write") return actions_of("cud");
  if (words == "*") return actions_of("cruds");
  return actions_of(words);
}

bool is_type(std::string_view text) {
  if (text == "*") return true;
  return !text.empty() && text.size() <= type_letters_max &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); });
}

void add_scope(ScopeSets& sets, std::string_view scope) {
  const std::size_t slash = scope.find('/');
  const std::size_t dot = scope.rfind('.');
  if (slash == scope.npos || dot == scope.npos || dot < slash) return;
  const std::string_view context = scope.substr(0, slash);
  const std::string_view type = scope.substr(slash + 1, dot - slash - 1);
  const std::uint8_t actions = actions_meant(scope.substr(dot + 1));
  if (actions == 0 || !is_type(type)) return;
  if (context == "user") sets.user.grant(type, actions);
  if (context == "system") sets.system.grant(type, actions);
}

}  // namespace

ScopeSets read_scopes(std::string_view list) {
  ScopeSets sets;
  for (std::size_t count = 0; !list.empty() && count < scopes_max; ++count) {
    const std::size_t space = list.find(' ');
    add_scope(sets, list.substr(0, space));
    list.remove_prefix(space == list.npos ? list.size() : space + 1);
  }
  return sets;
}

}  // namespace cpis::auth
