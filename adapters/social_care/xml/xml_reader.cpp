#include "adapters/social_care/xml/xml_reader.h"

#include <libxml/xmlreader.h>

#include "adapters/social_care/text.h"

namespace cpis::social_care {
namespace {

constexpr int chunk_bytes_max = 1 << 20;

// libxml2 asks for bytes by a C callback.
int read_chunk(void* context, char* buffer, int size) {
  if (size <= 0) return -1;
  const auto wanted = static_cast<std::size_t>(size > chunk_bytes_max ? chunk_bytes_max : size);
  const auto got = static_cast<Source*>(context)->read({buffer, wanted});
  return got ? static_cast<int>(*got) : -1;
}

int close_nothing(void*) { return 0; }
void say_nothing(void*, xmlErrorPtr) {}

std::string_view view(const xmlChar* text) {
  return text == nullptr ? std::string_view{} : reinterpret_cast<const char*>(text);
}

// The parser reads ahead of the node it shows, so the node is asked first.
std::size_t line_of(xmlTextReaderPtr reader, bool at_node) {
  const xmlNodePtr node = at_node ? xmlTextReaderCurrentNode(reader) : nullptr;
  const long line = node != nullptr ? xmlGetLineNo(node) : xmlTextReaderGetParserLineNumber(reader);
  return line > 0 ? static_cast<std::size_t>(line) : 0;
}

}  // namespace

struct XmlReader::State {
  xmlTextReaderPtr reader = nullptr;
  ~State() { xmlFreeTextReader(reader); }
};

XmlReader::XmlReader(Source& source) : state_{std::make_unique<State>()} {
  constexpr int options = XML_PARSE_NONET | XML_PARSE_NOCDATA | XML_PARSE_NOERROR |
                          XML_PARSE_NOWARNING | XML_PARSE_COMPACT | XML_PARSE_BIG_LINES;
  state_->reader = xmlReaderForIO(read_chunk, close_nothing, &source, nullptr, nullptr, options);
  if (state_->reader != nullptr) {
    xmlTextReaderSetStructuredErrorHandler(state_->reader, say_nothing, nullptr);
  }
}

XmlReader::~XmlReader() = default;

XmlReader::Step XmlReader::refuse(std::string_view why) {
  problem_ = why;
  stopped_ = true;
  return Step::refused;
}

std::string XmlReader::attribute(std::string_view name) const {
  const std::string wanted{name};
  xmlChar* value =
      xmlTextReaderGetAttribute(state_->reader, reinterpret_cast<const xmlChar*>(wanted.c_str()));
  std::string out{view(value)};
  xmlFree(value);
  return out;
}

XmlReader::Step XmlReader::next() {
  if (stopped_) return problem_.empty() ? Step::end : Step::refused;
  if (state_->reader == nullptr) return refuse("the file could not be read");
  if (close_after_open_) {
    close_after_open_ = false;
    return Step::close;
  }
  while (true) {
    const int read = xmlTextReaderRead(state_->reader);
    line_ = line_of(state_->reader, read == 1);
    if (read < 0) return refuse("this is not well-formed XML, or it could not be read");
    if (read == 0) {
      stopped_ = true;
      return Step::end;
    }
    if (xmlTextReaderDepth(state_->reader) > xml_depth_max) return refuse("nested too deeply");
    switch (xmlTextReaderNodeType(state_->reader)) {
      case XML_READER_TYPE_ELEMENT:
        name_ = view(xmlTextReaderConstLocalName(state_->reader));
        close_after_open_ = xmlTextReaderIsEmptyElement(state_->reader) == 1;
        return Step::open;
      case XML_READER_TYPE_END_ELEMENT:
        name_ = view(xmlTextReaderConstLocalName(state_->reader));
        return Step::close;
      case XML_READER_TYPE_TEXT:
      case XML_READER_TYPE_CDATA: {
        const std::string_view value = view(xmlTextReaderConstValue(state_->reader));
        if (value.size() > xml_text_bytes_max) return refuse("a text that is too long");
        text_ = trimmed(value);
        if (text_.empty()) break;
        return Step::text;
      }
      case XML_READER_TYPE_DOCUMENT_TYPE:
      case XML_READER_TYPE_ENTITY_REFERENCE:
        return refuse("document types and entities are not allowed");
      default:
        break;
    }
  }
}

}  // namespace cpis::social_care
