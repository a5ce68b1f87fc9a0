#include "adapters/social_care/xml/xml_walk.h"

#include "adapters/social_care/xml/xml_reader.h"

namespace cpis::social_care {

void walk_xml(Source& source, Extract& extract, std::string_view root, XmlHandler& handler) {
  const std::uint16_t file = extract.add_file(source.name());
  const auto refuse = [&](std::size_t line, std::string_view why) {
    extract.refuse(Rule::f01, source.name(), line, "", why);
  };
  XmlReader xml{source};
  std::vector<std::string> path;
  while (!extract.refused()) {
    switch (xml.next()) {
      case XmlReader::Step::open:
        path.emplace_back(xml.name());
        if (path.size() == 1 && path[0] != root) {
          return refuse(xml.line(), "the root element is not " + std::string{root});
        }
        handler.open(path, {file, static_cast<std::uint32_t>(xml.line())});
        break;
      case XmlReader::Step::text:
        handler.text(path, xml.text());
        break;
      case XmlReader::Step::close:
        handler.close(path);
        path.pop_back();
        break;
      case XmlReader::Step::end:
        return;
      case XmlReader::Step::refused:
        return refuse(xml.line(), xml.problem());
    }
  }
}

}  // namespace cpis::social_care
