"""The sentiment of a film review, read by a recurrent network from left to right (document 002, A5).

Model: trained word vectors (50 numbers), an RNN, LSTM or GRU of 64 units, a linear layer on its state at the last word.
Source: Elman (1990), Hochreiter and Schmidhuber (1997), Cho and others (2014); vectors of Pennington and others (2014).
Data: SST-2 as in GLUE; labels 0 (negative) and 1 (positive). GloVe vectors where a word has one.
Metric: binary cross-entropy in nats per review (lower is better); accuracy, a share from 0 to 1 (higher is better).
Departures: batches hold reviews of one length, where the course's loop draws them in random order; the state that is
read is that of the last word, never that of padding.
"""
