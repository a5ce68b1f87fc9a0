#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cpis::auth {

/// What is done to a resource, as SMART scopes count it (SMART App Launch 2.2, "c r u d s").
/// vread and history of an instance are `read`; history of a type is `search`.
enum class Action : std::uint8_t { create = 1, read = 2, update = 4, remove = 8, search = 16 };

/// The actions of a `rs` or `cruds`; 0 when the letters are none of these in that order.
std::uint8_t actions_of(std::string_view letters);

/// Which actions are permitted on which resource types. A value; empty permits nothing.
class Permissions {
 public:
  /// For the local default caller.
  static Permissions everything();

  /// `type` is a resource type or `*`; `actions` are bits of Action.
  void grant(std::string_view type, std::uint8_t actions);

  bool allows(std::string_view type, Action action) const;
  bool empty() const { return grants_.empty(); }
  /// What both permit.
  Permissions within(const Permissions& other) const;
  /// As SMART v2 scopes of the given context: `system/Flag.rs system/Patient.rs`.
  std::string to_scopes(std::string_view context) const;

 private:
  struct Grant {
    std::string type;
    std::uint8_t actions;
  };
  std::vector<Grant> grants_;
};

/// The letter of one action.
char letter_of(Action action);

}  // namespace cpis::auth
