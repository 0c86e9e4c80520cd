"""Statistics: numbers in, an estimate out.

Every function returns an `Estimate` whose ``method`` begins with one of these names, followed by what it answers:

============================  ==========================================================================
``wilson``                    Wilson score interval of a proportion
``clopper-pearson``           exact interval of a proportion
``effective-size``            exact interval at the size that the spread of graded values is worth
``cluster-effective-size``    the same at the size that the clusters are worth (Korn and Graubard)
``paired-score``              difference of paired proportions: score, exact and combined limits, the widest
``paired-effective-size``     the same at the size that graded values or clusters are worth
``betting-sequence``          confidence sequence, valid at any stopping time
``hypergeometric``            exact interval of a finite population; ``finite-effective-size`` for graded values
``gains-and-losses``          mean of differences in -1 to 1, from the limits of its gains and of its losses
``ratio-inversion``           ratio of two sums: all ratios that leave nothing over (Fieller)
``ece-bins``                  expected calibration error, bin by bin
``risk-coverage-influence``   area under the risk-coverage curve, from each sample's influence on it
``census``                    every unit of a finite population was seen
``student-t``                 repeats of one measurement
``rogan-gladen``              a rate corrected for the errors of its judge
============================  ==========================================================================

Why these, and what failed, stands in ``docs/decisions/0001-intervals.md``; how often each covers, in
``docs/coverage.md``.
"""
