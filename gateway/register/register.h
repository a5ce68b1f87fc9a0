#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "adapters/core/ports/clock.h"
#include "adapters/core/ports/protection_source.h"
#include "adapters/core/rules/visibility.h"
#include "adapters/core/upload.h"
#include "gateway/register/register_change.h"
#include "gateway/register/register_rows.h"
#include "gateway/register/register_view.h"
#include "gateway/register/upload_turn.h"
#include "gateway/store/database.h"

namespace cpis::registry {

/// A plan as an upload names it.
struct TakenPlan {
  NhsNumber person;
  PlanType type;
  Date start;

  friend auto operator<=>(const TakenPlan&, const TakenPlan&) = default;
};

struct RegisterSettings {
  rules::VisibilitySettings visibility;
  /// False: for taking uploads only. Nothing is held in memory, and a question is told that it
  /// could not be asked.
  bool answers = true;
};

/// Told, inside the transaction that makes it true, what subscribers may want to know; either may
/// be empty. `wake` follows the commit. Called on the writer's thread.
struct RegisterNews {
  std::function<Status(store::Session&, const AccessEvent&, const NoticeRow&)> notice;
  /// A plan that was added, changed or taken away (`plan.deleted`). `surely`: it is known to have
  /// changed; else it may have been uploaded as it was.
  std::function<Status(store::Session&, NhsNumber, const StoredPlan&, bool surely)> plan;
  /// Whether a change of this person's plans is worth telling now.
  std::function<bool(NhsNumber)> concerns;
  std::function<void()> wake;
};

/// A question as it is recorded: the look, and the notices it owes. Made by `Register::prepare`.
struct Look {
  AccessEvent access;
  std::vector<NoticeRow> notices;  ///< empty: nothing is recorded in the register
  const RegisterNews* news = nullptr;
};

/// The embedded CP-IS register: what the national service does, on our own store.
///
/// It takes uploads by council and answers each file with the outcomes of CP-IS; answers questions;
/// records looks from unscheduled care; and owes each responsible council a notice of them. Reads
/// come from memory (RegisterView); every change is durable before it is visible or answered.
///
/// Safe to call from many threads. The database and the clock must outlive it.
class Register final : public ProtectionSource {
 public:
  static Result<std::unique_ptr<Register>> open(store::Database& database, const Clock& clock,
                                                RegisterSettings settings);

  /// Who is told. Before the first question and the first upload.
  void tell(RegisterNews news) { news_ = std::move(news); }

  /// Takes one upload (cpis.md 5, 6, 13). `unreadable` are records that the reader could already
  /// refuse; their indexes do not occur in `file.records`' answers otherwise. The result has one
  /// entry for each record of both. An upload with the sequence and content of an earlier one gets
  /// the same answer again and changes nothing; a sequence not above the last one of the council
  /// is refused (CPF01). One at a time, of a council over all processes on the store; the others
  /// wait here, and are told `busy` in another process. Blocks; an Error means that nothing was
  /// decided: send it again.
  Result<UploadResult> take(const UploadFile& file, std::vector<RecordResult> unreadable = {});

  /// Adds to the person index that stands for PDS. While the index is empty, identities are not
  /// checked and every readable record is accepted.
  Status load_people(std::span<const IndexedPerson> people);
  /// Marks a number as no longer in use and owes each council that uploaded it a notice.
  Status supersede(NhsNumber inactive, std::span<const NhsNumber> replacements);
  Result<bool> identities_are_checked() const;
  /// A council whose notices may lie here although its uploads go elsewhere.
  Status know(const Council& council);

  /// Answers from memory. An unscheduled question is recorded first, with a notice to each
  /// responsible council, in one durable transaction; asking again with the same question id
  /// records nothing twice. A person without a visible plan leaves no trace in the register.
  void ask(ProtectionQuestion question, Done answered) override;
  /// The same, with `before` in the same transaction and ahead of it (the audit of the question).
  void ask_after(store::Work before, ProtectionQuestion question, Done answered);

  /// The same in three steps, for who records many questions in one transaction of its own:
  /// `prepare` and `answer` from memory, `record` inside the work, `show` after its commit. The
  /// answer must not be used before the commit.
  Look prepare(ProtectionQuestion question) const;
  ProtectionAnswer answer(const Look& look) const;
  static Status record(store::Session& session, const Look& look);
  void show(const Look& look);

  /// Takes over what other processes on the same store have uploaded (an import beside the gateway,
  /// another gateway): tells subscribers of what nobody has told them, and answers by it from then
  /// on. Blocks; two small reads when there is nothing. One thread at a time.
  Status follow();

  Result<std::vector<NoticeRow>> notices(NoticeRow::State state, std::string_view council,
                                         std::size_t limit) const;
  Result<std::optional<NoticeRow>> notice(std::string_view id) const;
  Result<std::vector<AccessEvent>> accesses(std::optional<NhsNumber> person,
                                            std::size_t limit) const;
  Result<std::optional<AccessEvent>> access(std::string_view id) const;
  Result<std::vector<NhsNumber>> replacements_of(NhsNumber inactive) const;
  /// Numbers of this council's people that were marked as no longer in use.
  Result<std::vector<NhsNumber>> inactive_numbers(std::string_view council) const;
  /// The plans that an upload put here and no later one has changed; to learn what became of an
  /// upload whose answer was lost.
  Result<std::vector<TakenPlan>> plans_of_upload(std::string_view council,
                                                 std::int64_t sequence) const;
  Status mark_delivered(std::span<const NoticeRow> notices, std::string_view file);
  Status mark_acknowledged(std::span<const std::string> notice_ids);

  const RegisterView& view() const { return view_; }
  const RegisterSettings& settings() const { return settings_; }

 private:
  Register(store::Database& database, const Clock& clock, RegisterSettings settings);

  Status tell_untold();
  Status tell_one(store::Session& session, const RegisterChange& change) const;
  Status take_over(const std::string& council, const ChangePosition& until);
  void pass_over_own(const std::string& council, std::int64_t first_part,
                     const ChangePosition& last);
  Status show_change(store::Session& session, const RegisterChange& change);
  struct Known;
  static Status look_up(store::Session& session, const UploadFile& file, Known& known);
  Status take_records(const UploadFile& file, const std::vector<std::size_t>& index,
                      const Known& known, const UploadTurn& turn, UploadResult& result);

  store::Database& database_;
  const Clock& clock_;
  RegisterSettings settings_;
  RegisterView view_;
  RegisterNews news_;
  std::mutex taking_;                               ///< one upload at a time
  std::mutex changing_;                             ///< of plans in the view
  std::map<std::string, ChangePosition> followed_;  ///< by council; guarded by changing_
};

}  // namespace cpis::registry
