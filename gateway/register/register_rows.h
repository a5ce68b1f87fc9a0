#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "adapters/core/access.h"
#include "adapters/core/upload.h"
#include "gateway/register/register_view.h"
#include "gateway/store/database.h"

// The register's SQL, one function a statement. Everything runs inside a work or a read.

namespace cpis::registry {

std::int64_t to_days(Date date);
Date from_days(std::int64_t days);

/// What the person index knows of one number.
struct IndexedPerson {
  NhsNumber nhs_number;
  PersonName name;
  std::optional<Date> birth_date;
  bool sensitive = false;
  bool superseded = false;
};

/// One notice that a council is owed.
struct NoticeRow {
  enum class Kind : std::uint8_t { access = 1, inactive_number = 2 };
  enum class State : std::uint8_t { waiting = 0, delivered = 1, acknowledged = 2 };

  std::string id;
  std::string council;
  Kind kind = Kind::access;
  Time created{};
  std::string access_id;  ///< empty for an inactive number
  NhsNumber person;
  std::string local_id;
  std::string local_id_authority;
  std::int64_t upload_sequence = 0;
  State state = State::waiting;
  std::string file;  ///< name in the tray once delivered
};

Status put_council(store::Session& session, const Council& council, Time now);
Result<std::optional<Council>> find_council(store::Session& session, std::string_view ods_code);
Status put_person(store::Session& session, const IndexedPerson& person);
Result<std::optional<IndexedPerson>> find_person(store::Session& session, NhsNumber person);
Result<std::int64_t> count_people(store::Session& session);

Status put_plan(store::Session& session, NhsNumber person, const StoredPlan& plan);
Status delete_plan(store::Session& session, NhsNumber person, std::string_view council,
                   const Plan& plan);

/// The plans that a council holds for a person.
Result<std::vector<StoredPlan>> plans_of(store::Session& session, NhsNumber person,
                                         const std::shared_ptr<const Council>& council);
/// The id of a held plan; empty when there is no such plan.
Result<std::string> plan_id_of(store::Session& session, NhsNumber person, std::string_view council,
                               const Plan& plan);

/// False when the access is already there: the question was asked before with the same id.
Result<bool> insert_access(store::Session& session, const AccessEvent& access);
Status insert_notice(store::Session& session, const NoticeRow& notice);
/// `inactive` is no longer in use, `replacement` is. Nothing happens when that is known.
Status put_replacement(store::Session& session, NhsNumber inactive, NhsNumber replacement);

/// The oldest notices of a state, oldest first; of one council when `council` is not empty.
Result<std::vector<NoticeRow>> list_notices(store::Session& session, NoticeRow::State state,
                                            std::string_view council, std::size_t limit);
Result<std::optional<NoticeRow>> find_notice(store::Session& session, std::string_view id);
Result<std::optional<AccessEvent>> find_access(store::Session& session, std::string_view id);
/// The most recent looks at everyone, or at one person.
Result<std::vector<AccessEvent>> list_accesses(store::Session& session,
                                               std::optional<NhsNumber> person, std::size_t limit);
Status set_notice_state(store::Session& session, std::string_view id, NoticeRow::State state,
                        std::string_view file, Time now);

/// Fills the view from the store.
Status load_view(store::Session& session, RegisterView& view);

}  // namespace cpis::registry
