#pragma once

#include <string>
#include <string_view>

#include "adapters/core/access.h"
#include "adapters/core/caller.h"
#include "adapters/spine/reading.h"
#include "adapters/spine/xml_writer.h"

namespace cpis::spine {

/// `npfitlc:contentId` that announces a template choice.
void write_content_id(XmlWriter& xml, std::string_view template_class);

/// `author` of a query and of a history entry: template COCT_TP145102GB01 for a person,
/// COCT_TP145104GB01 for a system with the person nominated for it (cpis.md 7.1).
void write_author(XmlWriter& xml, const Caller& caller);
/// Reads either template. What is missing is reported as a warning and left empty: a history entry
/// with a gap is still shown.
Caller read_author(XmlView author, Findings& findings);

/// Which spelling of the person parameter a message uses.
enum class PersonParameter {
  nhs_number,  ///< `person.NHSnumber`: queries and answers; extension only
  person_id,   ///< `person.id`: access notices; root and extension, also the council's own id
};

/// The four children that a query, a history entry and a notice entry have in common:
/// effectiveTime, id, author, queryByParameter. The local id is only written with `person_id`.
void write_access(XmlWriter& xml, const AccessEvent& access, PersonParameter parameter,
                  std::string_view local_id, std::string_view local_id_authority);

/// Reads those four children of `event`. Nothing, and an error, when there is no valid NHS number
/// or no time: an access that cannot be placed is not shown as one that can.
std::optional<AccessEvent> read_access(XmlView event, Findings& findings);

/// A UUID as the messages carry it: upper case, without `uuid:` or braces. Not checked further,
/// because peers send ids that are not UUIDs.
std::string plain_id(std::string_view text);

}  // namespace cpis::spine
