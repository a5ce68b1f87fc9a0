#pragma once

#include <string>
#include <utility>

#include "adapters/core/ports/protection_source.h"
#include "adapters/core/result.h"
#include "gateway/store/database.h"

namespace cpis::app {

/// Gives plans that come without an id one that is opaque and stays: a keyed hash over person,
/// council, type and start. The key is random, made once for each store and kept in it, so that
/// nobody can compute or recognise the id of a child from outside.
class PlanIds {
 public:
  static Result<PlanIds> open(store::Database& database);
  explicit PlanIds(std::string key) : key_{std::move(key)} {}

  /// Fills the ids that are empty. Plans that look the same get different ids, in their order.
  void fill(ProtectionRecord& record) const;

 private:
  std::string key_;
};

/// A source behind another: the same answers, with ids. `inner` must outlive it and everything
/// that was asked.
class SourceWithIds final : public ProtectionSource {
 public:
  SourceWithIds(ProtectionSource& inner, PlanIds ids) : inner_{inner}, ids_{std::move(ids)} {}
  void ask(ProtectionQuestion question, Done answered) override;

 private:
  ProtectionSource& inner_;
  const PlanIds ids_;
};

}  // namespace cpis::app
