#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "adapters/core/ports/clock.h"
#include "adapters/core/upload.h"
#include "conformance/peers/mesh/mesh_office.h"
#include "gateway/register/register.h"

namespace cpis::peers {

struct DeskSettings {
  std::string mailbox = "X26CPIS";  ///< of the simulated CP-IS
  std::string upload_workflow = "CPIS_UPLOAD";
  std::string response_workflow = "CPIS_RESPONSE";
  std::string notice_workflow = "CPIS_NOTICE";
  std::size_t chunks = 1;  ///< of each answer
  bool gzip = true;
};

/// An upload as it arrived.
struct SeenUpload {
  std::string council;
  std::int64_t sequence = 0;
  std::string message_id;
  std::string code;  ///< how it was answered
};

/// CP-IS behind its mailbox: uploads go to a register and are answered with a response file; looks
/// and numbers out of use become notices to the councils' mailboxes.
class CpisDesk {
 public:
  CpisDesk(DeskSettings settings, MeshOffice& office, registry::Register& registry,
           const Clock& clock)
      : settings_{std::move(settings)}, office_{office}, registry_{registry}, clock_{clock} {}

  /// Notices for this council go to this mailbox.
  void know(const std::string& council, const std::string& mailbox);
  /// Takes what came and sends what is owed; gives how many messages it dealt with.
  std::size_t step();
  /// The next `times` uploads are answered with this file code and have no effect.
  void answer_with(FileOutcome outcome, int times);
  /// The next `times` uploads are reported as bad files (MESH code 15).
  void call_bad(int times);
  std::vector<SeenUpload> seen() const;
  std::vector<std::string> notices_sent() const;  ///< ids

 private:
  void take(const OfficeMessage& message);
  void send(const std::string& to, const std::string& workflow, const std::string& local_id,
            std::string content);
  std::size_t tell();
  void tell_council(const std::string& council, registry::NoticeRow::Kind kind,
                    const std::vector<registry::NoticeRow>& rows);

  const DeskSettings settings_;
  MeshOffice& office_;
  registry::Register& registry_;
  const Clock& clock_;
  mutable std::mutex mutex_;
  std::map<std::string, std::string> mailboxes_;
  std::vector<SeenUpload> seen_;
  std::vector<std::string> notices_;
  FileOutcome scripted_ = FileOutcome::unknown;
  int scripted_times_ = 0;
  int bad_times_ = 0;
};

}  // namespace cpis::peers
