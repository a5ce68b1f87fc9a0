#include "fhir/xml/sax.h"

#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <libxml/xmlerror.h>

#include <array>
#include <exception>
#include <memory>
#include <vector>

namespace cpis::fhir::xml {
namespace {

struct FreeContext {
  void operator()(xmlParserCtxt* context) const {
    // libxml2 keeps the entities of a DOCTYPE that it gave up on in a document of its own.
    if (context->myDoc != nullptr) xmlFreeDoc(context->myDoc);
    xmlFreeParserCtxt(context);
  }
};

struct Parse {
  SaxEvents* events = nullptr;
  std::string_view text;
  xmlParserCtxt* context = nullptr;
  SaxFault fault;
  std::exception_ptr thrown;
  std::vector<Attribute> attributes;

  std::size_t offset() const {
    const xmlParserInput* const input = context->input;
    if (input == nullptr || input->cur < input->base) return text.size();
    const auto at = static_cast<std::size_t>(input->consumed) +
                    static_cast<std::size_t>(input->cur - input->base);
    return at < text.size() ? at : text.size();
  }
  void stop() { xmlStopParser(context); }
};

Parse& parse_of(void* context) { return *static_cast<Parse*>(context); }

std::string_view view(const xmlChar* text) {
  return text == nullptr ? std::string_view{} : reinterpret_cast<const char*>(text);
}

std::string_view view(const xmlChar* begin, const xmlChar* end) {
  return {reinterpret_cast<const char*>(begin), static_cast<std::size_t>(end - begin)};
}

// No exception may pass through the frames of libxml2: it is kept and thrown behind them.
template <class Call>
void guarded(Parse& parse, const Call& call) {
  if (parse.thrown || parse.fault.stopped) return;
  try {
    if (call()) return;
    parse.fault.stopped = true;
    parse.fault.offset = parse.offset();
  } catch (const std::exception&) {
    parse.thrown = std::current_exception();
  }
  parse.stop();
}

void on_start(void* context, const xmlChar* name, const xmlChar* prefix, const xmlChar* uri,
              int namespaces, const xmlChar** declared, int attributes, int /*defaulted*/,
              const xmlChar** values) {
  Parse& parse = parse_of(context);
  guarded(parse, [&] {
    parse.attributes.clear();
    for (int i = 0; i < attributes; ++i) {
      const xmlChar** const at = values + std::ptrdiff_t{5} * i;
      parse.attributes.push_back({view(at[0]), view(at[1]), view(at[2]), view(at[3], at[4])});
    }
    StartTag tag{view(name), view(prefix), view(uri), parse.attributes};
    for (int i = 0; i < namespaces; ++i) {
      tag.declares_default = tag.declares_default || declared[std::ptrdiff_t{2} * i] == nullptr;
    }
    // The parser stands behind the attributes; no `<` can stand between there and the tag's own.
    const std::size_t here = parse.offset();
    const std::size_t open = here == 0 ? std::string_view::npos : parse.text.rfind('<', here - 1);
    tag.begin = open == std::string_view::npos ? 0 : open;
    return parse.events->start(tag);
  });
}

void on_end(void* context, const xmlChar*, const xmlChar*, const xmlChar*) {
  Parse& parse = parse_of(context);
  guarded(parse, [&] { return parse.events->end(parse.offset()); });
}

void on_text(void* context, const xmlChar* text, int length) {
  Parse& parse = parse_of(context);
  guarded(parse, [&] { return parse.events->text(view(text, text + length)); });
}

void on_comment(void* context, const xmlChar* text) {
  Parse& parse = parse_of(context);
  guarded(parse, [&] { return parse.events->comment(view(text)); });
}

void on_document_type(void* context, const xmlChar*, const xmlChar*, const xmlChar*) {
  Parse& parse = parse_of(context);
  parse.fault.document_type = true;
  parse.fault.why = "a document type is not allowed";
  parse.fault.offset = parse.offset();
  parse.stop();
}

// The parser's own message quotes the document; ours must not.
const char* reason(int code) {
  switch (code) {
    case XML_ERR_TAG_NAME_MISMATCH:
      return "an end tag does not match its start tag";
    case XML_ERR_TAG_NOT_FINISHED:
      return "an element does not end";
    case XML_ERR_UNDECLARED_ENTITY:
      return "an entity is not declared";
    case XML_ERR_INVALID_CHAR:
      return "a character that XML does not allow";
    case XML_ERR_INVALID_ENCODING:
      return "the text is not UTF-8";
    case XML_ERR_UNSUPPORTED_ENCODING:
      return "only UTF-8 is read";
    case XML_ERR_ATTRIBUTE_REDEFINED:
      return "an attribute is there twice";
    case XML_ERR_LT_IN_ATTRIBUTE:
      return "a < in an attribute";
    case XML_ERR_DOCUMENT_EMPTY:
      return "there is no XML";
    case XML_ERR_DOCUMENT_END:
      return "something follows the root element";
    case XML_NS_ERR_UNDEFINED_NAMESPACE:
      return "a prefix is not declared";
    default:
      return "the text is not well-formed XML";
  }
}

// libxml2 goes on after a fault of namespaces; names would not mean what they say.
bool is_namespace_fault(const xmlError& error) {
  return error.code >= XML_NS_ERR_XML_NAMESPACE && error.code <= XML_NS_ERR_COLON &&
         error.level >= XML_ERR_ERROR;
}

void on_error(void* context, xmlErrorPtr error) {
  Parse& parse = parse_of(context);
  const bool names = is_namespace_fault(*error);
  if (parse.fault.why != nullptr || (error->level != XML_ERR_FATAL && !names)) return;
  parse.fault.why = reason(error->code);
  parse.fault.offset = parse.offset();
  if (names) parse.stop();
}

xmlSAXHandler handler() {
  xmlSAXHandler sax{};
  sax.initialized = XML_SAX2_MAGIC;
  sax.startElementNs = on_start;
  sax.endElementNs = on_end;
  sax.characters = on_text;
  sax.ignorableWhitespace = on_text;
  sax.cdataBlock = on_text;
  sax.comment = on_comment;
  sax.internalSubset = on_document_type;
  sax.serror = on_error;
  return sax;
}

}  // namespace

SaxFault parse(std::string_view text, SaxEvents& events) {
  Parse parse;
  parse.events = &events;
  parse.text = text;
  const std::unique_ptr<xmlParserCtxt, FreeContext> context{
      text.empty() ? nullptr
                   : xmlCreateMemoryParserCtxt(text.data(), static_cast<int>(text.size()))};
  if (!context) {
    parse.fault.why = "there is no XML";
    return parse.fault;
  }
  parse.context = context.get();
  *context->sax = handler();
  context->userData = &parse;
  // No entity can be declared, so NOENT only resolves the five of XML; our own limits replace the
  // parser's, which would refuse a large attachment.
  xmlCtxtUseOptions(context.get(), XML_PARSE_NONET | XML_PARSE_NOENT | XML_PARSE_HUGE);
  xmlParseDocument(context.get());
  if (parse.thrown) std::rethrow_exception(parse.thrown);
  if (!parse.fault.stopped && parse.fault.why == nullptr && context->wellFormed == 0) {
    parse.fault.why = "the text is not well-formed XML";
    parse.fault.offset = parse.offset();
  }
  return parse.fault;
}

}  // namespace cpis::fhir::xml
