# Writes down what each target links, for the test that holds it against the include rule: one file
# per target in build/…/link_graph with its folder, its links, and the headers it verifies.

file(REMOVE_RECURSE ${PROJECT_BINARY_DIR}/link_graph)

function(steer_note_links NAME)
  file(GENERATE OUTPUT ${PROJECT_BINARY_DIR}/link_graph/${NAME}.txt CONTENT
    "folder $<TARGET_PROPERTY:${NAME},SOURCE_DIR>\nlinks $<TARGET_PROPERTY:${NAME},LINK_LIBRARIES>\nheaders $<TARGET_PROPERTY:${NAME},HEADER_SET>\n")
endfunction()
