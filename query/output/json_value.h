// Values of a result in JSON: null, a number, a string, or {"base64":"..."} for
// bytes.
#ifndef QUERY_OUTPUT_JSON_VALUE_H_
#define QUERY_OUTPUT_JSON_VALUE_H_

#include <nlohmann/json.hpp>

#include "query/engine/database.h"

namespace tutti::query {

// Text that is not UTF-8 is bytes; what is no finite number is null.
nlohmann::ordered_json ToJson(const ResultValue& value);

// `json` is such a value; anything else is NULL.
ResultValue FromJson(const nlohmann::ordered_json& json);
bool IsJsonValue(const nlohmann::ordered_json& json);

}  // namespace tutti::query

#endif  // QUERY_OUTPUT_JSON_VALUE_H_
