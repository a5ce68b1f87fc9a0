#include "tests/adapters/spine/schema.h"

#include <libxml/parser.h>
#include <libxml/xmlschemas.h>

#include <boost/test/unit_test.hpp>
#include <map>
#include <memory>

namespace cpis::test {
namespace {

namespace fs = std::filesystem;

void note(void* complaints, xmlErrorPtr error) {
  auto& text = *static_cast<std::string*>(complaints);
  if (text.size() < 2000) text += error->message;
}

struct FreeSchema {
  void operator()(xmlSchemaPtr schema) const { xmlSchemaFree(schema); }
};
using Schema = std::unique_ptr<xmlSchema, FreeSchema>;

// Compiling takes longer than a thousand validations, so each schema is compiled once.
xmlSchemaPtr compiled(const std::string& name) {
  static std::map<std::string, Schema> schemas;
  Schema& schema = schemas[name];
  if (!schema) {
    const fs::path path = shared_folder() / "reference/hl7v3-schemas/Schemas" / name;
    xmlSchemaParserCtxtPtr parser = xmlSchemaNewParserCtxt(path.c_str());
    schema.reset(xmlSchemaParse(parser));
    xmlSchemaFreeParserCtxt(parser);
  }
  return schema.get();
}

}  // namespace

std::filesystem::path shared_folder() {
  const fs::path path = fs::path{CPIS_SOURCE} / "../shared";
  return fs::exists(path / "reference") ? path : fs::path{};
}

bool schemas_here() {
  const bool here = !shared_folder().empty();
  if (!here) BOOST_TEST_MESSAGE("skipped: ../shared is not here");
  return here;
}

std::string why_invalid(std::string_view xml, const std::string& schema) {
  std::string complaints;
  xmlSetStructuredErrorFunc(&complaints, note);
  xmlSchemaPtr compiled_schema = compiled(schema);
  if (compiled_schema == nullptr) {
    xmlSetStructuredErrorFunc(nullptr, nullptr);
    return "the schema does not compile: " + complaints;
  }
  complaints.clear();
  xmlDocPtr document =
      xmlReadMemory(xml.data(), static_cast<int>(xml.size()), nullptr, nullptr, XML_PARSE_NONET);
  xmlSchemaValidCtxtPtr validator = xmlSchemaNewValidCtxt(compiled_schema);
  xmlSchemaSetValidStructuredErrors(validator, note, &complaints);
  const bool valid = document != nullptr && xmlSchemaValidateDoc(validator, document) == 0;
  xmlSchemaFreeValidCtxt(validator);
  xmlFreeDoc(document);
  xmlSetStructuredErrorFunc(nullptr, nullptr);
  if (valid) return "";
  return complaints.empty() ? "not valid" : complaints;
}

}  // namespace cpis::test
