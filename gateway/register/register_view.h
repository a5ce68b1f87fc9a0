#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "adapters/core/council.h"
#include "adapters/core/protection.h"
#include "adapters/core/rules/visibility.h"

namespace cpis::registry {

/// One plan as the register keeps it.
struct StoredPlan {
  Plan plan;
  std::shared_ptr<const Council> council;
  PersonName name;
  std::optional<Date> birth_date;
  bool is_mother = false;
  std::string local_id;
  std::string local_id_authority;
  std::int64_t upload_sequence = 0;
  Time recorded{};
  std::string id;
};

/// A council that has to be told about a look, and what it needs to find its case.
struct NoticeTarget {
  std::shared_ptr<const Council> council;
  std::string local_id;
  std::string local_id_authority;
  std::int64_t upload_sequence = 0;
};

/// The register's working set in memory: a projection of the store, rebuilt at start and changed
/// only after a commit. Reads never go to SQL. Safe to call from many threads.
class RegisterView {
 public:
  /// Adds the plan or replaces the one with the same person, council, type and start day.
  void put_plan(NhsNumber person, StoredPlan plan);
  void remove_plan(NhsNumber person, std::string_view council, const Plan& plan);
  /// What a council holds for a person is this and nothing else.
  void replace_plans(NhsNumber person, std::string_view council, std::vector<StoredPlan> plans);
  void put_council(const Council& council);
  /// Looks must be added in order of time for each person (the list rules need it).
  void add_access(const AccessEvent& access);

  /// What a caller is shown on `today`; empty when no plan is visible.
  std::optional<ProtectionRecord> find(NhsNumber person, Date today,
                                       const rules::VisibilitySettings& settings) const;
  /// The councils responsible for the plans that are visible on `today`, each once.
  std::vector<NoticeTarget> responsible(NhsNumber person, Date today,
                                        const rules::VisibilitySettings& settings) const;
  /// The id of a plan that is already there, so that an update keeps it.
  std::optional<std::string> id_of(NhsNumber person, std::string_view council,
                                   const Plan& plan) const;

  /// Whose plan has this id.
  std::optional<NhsNumber> person_of(std::string_view plan_id) const;

  std::shared_ptr<const Council> council(std::string_view ods_code) const;
  std::vector<Council> councils() const;

  struct Counts {
    std::size_t people = 0;
    std::size_t plans = 0;
    std::size_t accesses = 0;
  };
  Counts counts() const;

 private:
  struct StoredAccess {
    Time at{};
    std::string id;
    std::shared_ptr<const Caller> by;
  };
  struct Person {
    std::vector<StoredPlan> plans;
    std::vector<StoredAccess> accesses;  // those that are listed, oldest first
  };
  struct Shard {
    mutable std::shared_mutex mutex;
    std::unordered_map<std::uint64_t, Person> people;
  };

  static constexpr std::size_t shard_count = 64;

  Shard& shard_of(NhsNumber person);
  const Shard& shard_of(NhsNumber person) const;
  std::shared_ptr<const Caller> shared(const Caller& caller);

  std::array<Shard, shard_count> shards_;
  mutable std::shared_mutex shared_mutex_;
  std::unordered_map<std::string, std::uint64_t> people_by_plan_;
  std::unordered_map<std::string, std::shared_ptr<const Council>> councils_;
  std::unordered_map<std::string, std::shared_ptr<const Caller>> callers_;
};

}  // namespace cpis::registry
