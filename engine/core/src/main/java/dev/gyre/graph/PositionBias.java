package dev.gyre.graph;

/**
 * What is added to the score of a query and a key by their distance (T5's relative positions, already looked up from
 * their buckets). {@link Keys} says where the query is; over {@link Keys.Range} it is nowhere, and a bias is refused.
 *
 * @param table float32 {@code [distances, heads]}; row {@code center + (key position - query position)}, the distance
 *     clamped to the table's ends
 * @param center the row of distance 0
 */
public record PositionBias(Tensor.Weight table, int center) {}
