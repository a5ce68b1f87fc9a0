// Register::follow: what other processes on the store have uploaded.

#include <algorithm>
#include <set>
#include <utility>

#include "gateway/register/register.h"
#include "gateway/register/register_change.h"

namespace cpis::registry {
namespace {

// Each is one transaction of an upload: some thousand people.
constexpr std::size_t changes_in_one_work = 2;

}  // namespace

Status Register::follow() {
  if (!settings_.answers) return done;
  if (news_.plan) {
    if (const Status told = tell_untold(); !told) return told;
  }
  std::map<std::string, ChangePosition> last;
  const Status read = database_.read([&](store::Session& session) -> Status {
    auto found = last_changes(session);
    if (!found) return found.error();
    last = *std::move(found);
    return done;
  });
  if (!read) return read;
  for (const auto& [council, position] : last) {
    if (const Status taken = take_over(council, position); !taken) return taken;
  }
  return done;
}

Status Register::tell_untold() {
  bool more = true;
  while (more) {
    const Status looked = database_.read([&](store::Session& session) -> Status {
      const auto changes = untold_changes(session, 1);
      if (!changes) return changes.error();
      more = !changes->empty();
      return done;
    });
    if (!looked) return looked;
    if (!more) return done;
    const Status told = database_.write([&](store::Session& session) -> Status {
      const auto changes = untold_changes(session, changes_in_one_work);
      if (!changes) return changes.error();
      for (const RegisterChange& change : *changes) {
        if (const Status one = tell_one(session, change); !one) return one;
      }
      return done;
    });
    if (!told) return told;
    if (news_.wake) news_.wake();
  }
  return done;
}

Status Register::tell_one(store::Session& session, const RegisterChange& change) const {
  const Status ours = mark_told(session, change);
  if (!ours && ours.error().kind == ErrorKind::conflict) return done;
  if (!ours) return ours;
  const auto council = find_council(session, change.council);
  if (!council) return council.error();
  if (!*council) return done;
  const auto shared = std::make_shared<const Council>(**council);
  for (const RegisterChange::Item& item : change.items) {
    if (!news_.concerns || !news_.concerns(item.person)) continue;
    if (item.removed) {
      StoredPlan gone;
      gone.plan.deleted = PlanDate{london_date(clock_.now()), 0};
      gone.council = shared;
      gone.upload_sequence = change.position.sequence;
      gone.id = item.plan_id;
      if (gone.id.empty()) continue;
      if (const Status told = news_.plan(session, item.person, gone, true); !told) return told;
      continue;
    }
    const auto plans = plans_of(session, item.person, shared);
    if (!plans) return plans.error();
    for (const StoredPlan& plan : *plans) {
      if (plan.upload_sequence != change.position.sequence) continue;
      if (const Status told = news_.plan(session, item.person, plan, true); !told) return told;
    }
  }
  return done;
}

Status Register::take_over(const std::string& council, const ChangePosition& until) {
  while (true) {
    // Neither is shown while the other reads what it is about to show.
    const std::lock_guard lock{changing_};
    ChangePosition& followed = followed_[council];
    if (followed >= until) return done;
    std::vector<RegisterChange> changes;
    const Status read = database_.read([&](store::Session& session) -> Status {
      auto found = changes_behind(session, council, followed, changes_in_one_work);
      if (!found) return found.error();
      changes = *std::move(found);
      for (const RegisterChange& change : changes) {
        if (const Status shown = show_change(session, change); !shown) return shown;
      }
      return done;
    });
    if (!read) return read;
    if (changes.empty()) return done;
    followed = changes.back().position;
  }
}

// Our own upload is shown already; what another process put before it is not. When it cannot be
// read now, `follow` will, and read ours again.
void Register::pass_over_own(const std::string& council, std::int64_t first_part,
                             const ChangePosition& last) {
  if (!settings_.answers) return;
  const ChangePosition before{last.sequence, first_part - 1};
  while (true) {
    const std::lock_guard lock{changing_};
    ChangePosition& followed = followed_[council];
    std::size_t taken = 0;
    const Status read = database_.read([&](store::Session& session) -> Status {
      const auto changes = changes_behind(session, council, followed, changes_in_one_work);
      if (!changes) return changes.error();
      for (const RegisterChange& change : *changes) {
        if (change.position > before) break;
        if (const Status shown = show_change(session, change); !shown) return shown;
        followed = change.position;
        ++taken;
      }
      return done;
    });
    if (!read) return;
    if (taken > 0) continue;
    followed = std::max(followed, last);
    return;
  }
}

// Whatever stands there now, which may be newer than the change.
Status Register::show_change(store::Session& session, const RegisterChange& change) {
  const auto found = find_council(session, change.council);
  if (!found) return found.error();
  if (!*found) return done;
  view_.put_council(**found);
  const auto council = view_.council(change.council);
  std::set<NhsNumber> people;
  for (const RegisterChange::Item& item : change.items) people.insert(item.person);
  for (const NhsNumber& person : people) {
    auto plans = plans_of(session, person, council);
    if (!plans) return plans.error();
    view_.replace_plans(person, change.council, *std::move(plans));
  }
  return done;
}

}  // namespace cpis::registry
