package dev.gyre.graph;

import dev.gyre.graph.Tensor.State;
import dev.gyre.graph.Tensor.Value;
import dev.gyre.graph.Tensor.Weight;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a backend must be able to do. Each operation is one or a few kernels and means the same on every backend; the
 * reference of the meaning is {@code dev.gyre.cpu.ReferenceBackend}.
 *
 * <p>Tensors are row-major and dense. {@code N} stands for the rows bound in a run; a run with no rows computes
 * nothing and is no error.
 */
public sealed interface Operation {

    /** Everything read, states that are only read included. Never null elements. */
    List<Tensor> reads();

    /** Everything written: values, and states that change. */
    List<Tensor> writes();

    /** The name of the kind, for people. */
    default String kind() {
        return getClass().getSimpleName();
    }

    /**
     * {@code out[r] = table[ids[r]]·scale + positions[positionIds[r]] + types[typeIds[r]]}. Ids are in range: the host
     * checks them.
     *
     * @param out {@code [N, d]}
     * @param ids int32 {@code [N]}
     */
    record Embed(
            Value out,
            Weight table,
            Tensor ids,
            float scale,
            @Nullable Weight positions,
            @Nullable Tensor positionIds,
            @Nullable Weight types,
            @Nullable Tensor typeIds)
            implements Operation {
        @Override
        public List<Tensor> reads() {
            return present(table, ids, positions, positionIds, types, typeIds);
        }

        @Override
        public List<Tensor> writes() {
            return List.of(out);
        }
    }

    /**
     * {@code out = activation(x·weightᵀ + bias) + residual}. Each element is one chain of fused multiply-adds over
     * ascending k from zero, whatever the number of rows, so that a result does not depend on the batch.
     *
     * @param out {@code [N, n]}
     * @param x {@code [N, k]}
     * @param weight {@code [n, k]}
     * @param bias {@code [n]}
     * @param residual {@code [N, n]}
     */
    record Linear(
            Value out,
            Tensor x,
            Weight weight,
            @Nullable Weight bias,
            Activation activation,
            @Nullable Tensor residual) implements Operation {
        @Override
        public List<Tensor> reads() {
            return present(x, weight, bias, residual);
        }

        @Override
        public List<Tensor> writes() {
            return List.of(out);
        }
    }

    /**
     * {@code sum = x + residual; out = norm(sum)·gamma + beta}, row by row.
     *
     * @param out {@code [N, d]}
     * @param sum {@code [N, d]}, where somebody needs it
     * @param beta {@code [d]}; none for RMS
     */
    record Norm(
            Value out,
            @Nullable Value sum,
            Tensor x,
            @Nullable Tensor residual,
            NormKind normKind,
            Weight gamma,
            @Nullable Weight beta,
            float epsilon)
            implements Operation {
        @Override
        public List<Tensor> reads() {
            return present(x, residual, gamma, beta);
        }

        @Override
        public List<Tensor> writes() {
            return present(out, sum);
        }
    }

    /**
     * {@code out[r] = softmax(scale·q[r]·Kᵀ + bias)·V} for every head, over the keys that {@link Keys} gives; zeros
     * where there is no key. Query head {@code h} uses key head {@code h / (heads / keyHeads)} (grouped-query
     * attention). A bias over {@link Keys.Range} is an {@link IllegalArgumentException}.
     *
     * @param out {@code [N, heads·headSize]}
     * @param weights {@code [N, heads, KEYS]}, the softmax itself, only where somebody asks for it: entry j of a row's
     *     head is its j-th key, zero behind the last key and cut at the bound size of KEYS
     * @param query {@code heads·headSize} columns
     * @param key {@code keyHeads·headSize} columns
     * @param value {@code keyHeads·headSize} columns
     */
    record Attention(
            Value out,
            @Nullable Value weights,
            Columns query,
            Columns key,
            Columns value,
            int heads,
            int keyHeads,
            int headSize,
            float scale,
            Keys keys,
            @Nullable PositionBias bias)
            implements Operation {
        public Attention {
            if (bias != null && !keys.placesQuery()) {
                throw new IllegalArgumentException(
                        "a position bias (" + bias.table().name()
                                + ") needs a query that has a position among its keys, which one over a memory has not");
            }
        }

        @Override
        public List<Tensor> reads() {
            List<Tensor> reads = new ArrayList<>(present(query.tensor(), key.tensor(), value.tensor()));
            switch (keys) {
                case Keys.Packed p -> reads.add(p.offsets());
                case Keys.Range r -> reads.addAll(List.of(r.first(), r.end()));
                case Keys.Ancestry a -> reads.addAll(List.of(a.ancestry(), a.line(), a.length()));
            }
            if (bias != null) {
                reads.add(bias.table());
            }
            return List.copyOf(reads);
        }

        @Override
        public List<Tensor> writes() {
            return present(out, weights);
        }
    }

    /**
     * {@code cache[destination[r]] = source[r]} for every row.
     *
     * @param cache {@code [capacity, columns]}
     * @param destination int32 {@code [N]}, rows of the cache, none twice
     */
    record AppendCache(State cache, Columns source, Tensor destination) implements Operation {
        @Override
        public List<Tensor> reads() {
            return List.of(source.tensor(), destination);
        }

        @Override
        public List<Tensor> writes() {
            return List.of(cache);
        }
    }

    /**
     * Brings the lines of ancestry forward, one per hypothesis {@code h}: positions before {@code inherited[h]} are
     * copied from line {@code from[h]} (nothing to do where {@code from == to}), positions from {@code inherited[h]} to
     * {@code length[h]-1} become {@code slot[h]}. The host sees to it that no line is read by one hypothesis and
     * written by another in the same run.
     *
     * @param ancestry int32 {@code [lines, positions]}
     */
    record AdvanceAncestry(State ancestry, Tensor from, Tensor to, Tensor inherited, Tensor length, Tensor slot)
            implements Operation {
        @Override
        public List<Tensor> reads() {
            return List.of(ancestry, from, to, inherited, length, slot);
        }

        @Override
        public List<Tensor> writes() {
            return List.of(ancestry);
        }
    }

    /** {@code out[i] = x[rows[i]]}. */
    record Gather(Value out, Tensor x, Tensor rows) implements Operation {
        @Override
        public List<Tensor> reads() {
            return List.of(x, rows);
        }

        @Override
        public List<Tensor> writes() {
            return List.of(out);
        }
    }

    /**
     * Rotary positions (Su et al., 2021), the halves layout of GPT-NeoX and Llama: with {@code c, s} from the table,
     * {@code out[i] = x[i]·c - x[i+h/2]·s} and {@code out[i+h/2] = x[i+h/2]·c + x[i]·s} for {@code i < h/2}.
     *
     * @param out {@code [N, heads·headSize]}
     * @param table {@code [positions, headSize]}: {@code headSize/2} cosines, then as many sines
     */
    record Rope(Value out, Columns x, int heads, int headSize, Weight table, Tensor positionIds) implements Operation {
        @Override
        public List<Tensor> reads() {
            return List.of(x.tensor(), table, positionIds);
        }

        @Override
        public List<Tensor> writes() {
            return List.of(out);
        }
    }

    /** {@code out = activation(gate) ⊙ up}: the middle of a gated feed-forward network (Shazeer, 2020). */
    record Gate(Value out, Columns gate, Columns up, Activation activation) implements Operation {
        @Override
        public List<Tensor> reads() {
            return present(gate.tensor(), up.tensor());
        }

        @Override
        public List<Tensor> writes() {
            return List.of(out);
        }
    }

    /** {@code out = activation(x)}, where fusion found no product to join it to. */
    record Activate(Value out, Tensor x, Activation activation) implements Operation {
        @Override
        public List<Tensor> reads() {
            return List.of(x);
        }

        @Override
        public List<Tensor> writes() {
            return List.of(out);
        }
    }

    /** {@code out = a + b}, where fusion found nothing to join it to. */
    record Add(Value out, Tensor a, Tensor b) implements Operation {
        @Override
        public List<Tensor> reads() {
            return List.of(a, b);
        }

        @Override
        public List<Tensor> writes() {
            return List.of(out);
        }
    }

    /**
     * The best tokens of each row of logits, after the edits of that row. The logarithm of the sum of exponentials is
     * that of the untouched logits; a row's value is its logit, less that logarithm where {@code normalise[r] != 0}.
     * Edits then change values (see {@link Edit}), in the order given. The {@code TOP} largest are written with the
     * largest first; of equal values the smaller id comes first. A banned token has the value negative infinity and
     * comes only where nothing else is left; a row with fewer than {@code TOP} tokens ends in id -1.
     *
     * <p>The edits are written into the logits: afterwards {@code logits[r][t]}, less {@code logSum[r]} where
     * normalised, is the token's value. Logits without edits stay as they are.
     *
     * <p>SCORED is N, or 0 in a run that wants the best token of each row and its value: then TOP is 1, no row is
     * normalised, and what logits hold afterwards is not defined, so that a device need not compute all of them.
     *
     * @param ids int32 {@code [N, TOP]}
     * @param values {@code [N, TOP]}
     * @param logSum {@code [SCORED]}
     * @param logits {@code [N, vocabulary]}
     * @param normalise int32 {@code [N]}
     * @param editOffsets int32 {@code [N+1]}: row r has edits {@code editOffsets[r]} to {@code editOffsets[r+1]-1}
     * @param editTokens int32 {@code [EDITS]}, no token twice in a row under the same kind
     * @param editKinds int32 {@code [EDITS]}, ordinals of {@link Edit}
     * @param editAmounts {@code [EDITS]}
     */
    record SelectTop(
            Value ids,
            Value values,
            Value logSum,
            Value logits,
            Tensor normalise,
            Tensor editOffsets,
            Tensor editTokens,
            Tensor editKinds,
            Tensor editAmounts)
            implements Operation {
        @Override
        public List<Tensor> reads() {
            return List.of(logits, normalise, editOffsets, editTokens, editKinds, editAmounts);
        }

        @Override
        public List<Tensor> writes() {
            return List.of(ids, values, logSum, logits);
        }
    }

    private static List<Tensor> present(@Nullable Tensor... tensors) {
        List<Tensor> list = new ArrayList<>();
        for (Tensor t : tensors) {
            if (Objects.nonNull(t)) {
                list.add(t);
            }
        }
        return List.copyOf(list);
    }
}
