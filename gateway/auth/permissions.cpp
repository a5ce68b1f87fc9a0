#include "gateway/auth/permissions.h"

#include <array>

namespace cpis::auth {
namespace {

constexpr std::string_view letters_in_order = "cruds";
constexpr std::string_view any_type = "*";

std::string letters_of(std::uint8_t actions) {
  std::string letters;
  for (std::size_t i = 0; i < letters_in_order.size(); ++i) {
    if ((actions & (1U << i)) != 0) letters += letters_in_order[i];
  }
  return letters;
}

}  // namespace

std::uint8_t actions_of(std::string_view letters) {
  unsigned actions = 0;
  std::size_t next = 0;
  for (const char letter : letters) {
    const std::size_t at = letters_in_order.find(letter, next);
    if (at == std::string_view::npos) return 0;
    actions |= 1U << at;
    next = at + 1;
  }
  return static_cast<std::uint8_t>(actions);
}

char letter_of(Action action) { return letters_of(static_cast<std::uint8_t>(action)).front(); }

Permissions Permissions::everything() {
  Permissions all;
  all.grant(any_type, actions_of(letters_in_order));
  return all;
}

void Permissions::grant(std::string_view type, std::uint8_t actions) {
  if (actions == 0) return;
  for (Grant& held : grants_) {
    if (held.type != type) continue;
    held.actions |= actions;
    return;
  }
  grants_.push_back({std::string{type}, actions});
}

bool Permissions::allows(std::string_view type, Action action) const {
  const auto bit = static_cast<std::uint8_t>(action);
  for (const Grant& held : grants_) {
    if ((held.actions & bit) != 0 && (held.type == any_type || held.type == type)) return true;
  }
  return false;
}

Permissions Permissions::within(const Permissions& other) const {
  Permissions both;
  for (const Grant& mine : grants_) {
    for (const Grant& theirs : other.grants_) {
      const bool mine_is_any = mine.type == any_type;
      if (!mine_is_any && theirs.type != any_type && theirs.type != mine.type) continue;
      both.grant(mine_is_any ? theirs.type : mine.type,
                 static_cast<std::uint8_t>(mine.actions & theirs.actions));
    }
  }
  return both;
}

std::string Permissions::to_scopes(std::string_view context) const {
  std::string scopes;
  for (const Grant& held : grants_) {
    if (!scopes.empty()) scopes += ' ';
    scopes += std::string{context} + '/' + held.type + '.' + letters_of(held.actions);
  }
  return scopes;
}

}  // namespace cpis::auth
