// The one list of views: classes of DMTF's Common Information Model, over the
// tables.
#ifndef QUERY_CIM_ALL_VIEWS_H_
#define QUERY_CIM_ALL_VIEWS_H_

#include <vector>

#include "query/engine/database.h"

namespace tutti::query {

// Sorted by name. Names and properties are those of the CIM schema; a property
// that the tables can not tell is left out. Adding a class is a file of its
// own, a line in CMakeLists.txt and two in the list.
const std::vector<View>& AllViews();

}  // namespace tutti::query

#endif  // QUERY_CIM_ALL_VIEWS_H_
