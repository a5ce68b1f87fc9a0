#pragma once

#include <string>
#include <string_view>

#include "adapters/core/notice.h"

namespace cpis::usecases {

/// How a notice is posted to a council's system.
enum class NoticeBody {
  communication,  ///< FHIR R4: a Bundle of Communication, one for each look
  json,           ///< plain JSON
};
std::string_view content_type_of(NoticeBody body);

/// The notice as it is posted. `route` says who is to read it: `office`, or
/// `emergency-duty-team` out of hours.
std::string notice_text(const AccessNotice& notice, NoticeBody body, std::string_view route);

/// Old and new numbers never go together: only whether there is a replacement is said.
std::string notice_text(const InactiveNotice& notice, NoticeBody body, std::string_view route);

}  // namespace cpis::usecases
