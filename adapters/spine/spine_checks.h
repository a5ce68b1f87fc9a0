#pragma once

#include <string>
#include <vector>

#include "adapters/spine/ebxml.h"
#include "adapters/spine/query.h"
#include "adapters/spine/upload.h"
#include "adapters/spine/xml_reader.h"

namespace cpis::spine {

/// A complaint in Spine's own terms: the name of the fault that it would raise, and what about.
struct SpineFault {
  std::string name;   ///< for example ErrorBase1712.MANDATORY_DATA_MISSING
  std::string about;  ///< for example `NHS Number`

  friend bool operator==(const SpineFault&, const SpineFault&) = default;
};
using SpineFaults = std::vector<SpineFault>;

/// What Spine checks of a query, in its order (cpis.md 7.5). `interaction` is the element
/// QUPC_IN000006GB01. The simulator refuses to take what fails here.
SpineFaults check_query(XmlView interaction);
/// The same of a query before it is written: what would be found in what `write_query` writes of it
/// (the tests hold the two together). We refuse to send what fails here.
SpineFaults check_query(const Query& query);

/// What Spine checks of the synchronous SOAP header, and its agreement with the body (spine.md 5).
SpineFaults check_soap(XmlView envelope);

/// What Spine checks of an ebXML envelope for this pattern (spine.md 4.3): attributes must carry
/// their namespaces, and the reliability elements must be those of the contract.
SpineFaults check_ebxml(XmlView envelope, Pattern pattern);

/// What Spine checks of an uploaded record (cpis.md 5.4).
SpineFaults check_upload(const UploadHead& head, const UploadRecord& record);

/// All of it as one line for a log or an error text; no personal data.
std::string in_words(const SpineFaults& faults);

}  // namespace cpis::spine
